"""Events: what the log tells of labs, beside what clients write."""
