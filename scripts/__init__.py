"""What developers run: reference, bench, screenshots, and a real server for tests."""
