"""Full-text search over what the plugins above push in: lessons, questions, law articles."""
