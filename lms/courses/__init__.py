"""The syllabus, its lessons and their revisions, the law register, and the courses made of them."""
