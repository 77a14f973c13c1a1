"""What is done to stores beside the service's own work. Loaded by the commands that do it."""
