"""Use cases and loops. Speaks to the world only through the ports."""
