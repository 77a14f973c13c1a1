"""Events: recorded facts of labs, beside what clients write."""
