"""What the application needs from the world; each docstring is the contract."""
