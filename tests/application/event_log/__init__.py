"""What is read out of the log of events."""
