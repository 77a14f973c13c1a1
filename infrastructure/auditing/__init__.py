"""Looks through a whole log for what is not as it was written, and goes on after each find."""
