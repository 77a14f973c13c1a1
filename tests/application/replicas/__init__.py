"""Several replicas and what they divide."""
