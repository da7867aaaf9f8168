"""The cohorts plugin."""
