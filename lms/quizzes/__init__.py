"""The quizzes plugin."""
