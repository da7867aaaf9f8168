"""Presence evidence, the hour ledger, seals and anomalies: proves every minute of training."""
