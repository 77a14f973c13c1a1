"""The loops that make the world agree with what was declared."""
