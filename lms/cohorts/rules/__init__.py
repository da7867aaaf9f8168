"""Decisions of cohorts as pure functions: what a roster's cells mean, when the next class would be."""
