"""Tests of the attendance plugin."""
