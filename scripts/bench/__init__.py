"""The bench: the real server under load from a client of our own, beside two bare reference routes."""
