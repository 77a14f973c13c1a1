"""The one door to the use cases, and all that can be sent, asked and announced through it."""
