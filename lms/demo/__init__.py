"""The demo: one institution, one cohort, real content, made through the plugins' own doors."""
