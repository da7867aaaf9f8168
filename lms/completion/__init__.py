"""The completion plugin."""
