"""The key that vouches for the log, and the places where what it signed is left."""
