"""Decisions of courses, as pure functions."""
