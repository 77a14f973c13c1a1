"""What a service keeps for itself in its directory of data."""
