"""Decisions about people as pure functions: numbers, masks, roles, passwords, waits."""
