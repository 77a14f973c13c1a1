"""The data directory: its claim, and the private files in it."""
