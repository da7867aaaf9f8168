"""Decisions about people as pure functions: numbers, masks, roles, passwords, waiting after failed sign-ins."""
