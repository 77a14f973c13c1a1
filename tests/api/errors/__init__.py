"""Every way of being refused, and what a client reads of it."""
