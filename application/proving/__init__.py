"""What is vouched for: checkpoints of the log, made in time and brought elsewhere."""
