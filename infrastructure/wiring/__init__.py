"""Puts the adapters and the application together."""
