"""Schema history: one straight line for the built-in plugins, one branch for each third-party plugin."""
