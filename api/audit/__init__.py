"""What vouches for the log, for those who do not trust this service: signed checkpoints."""
