"""Plain data structures that several rooms need."""
