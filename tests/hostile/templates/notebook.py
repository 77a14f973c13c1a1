"""What a lab begins with."""
