"""Views kept by this process or followed from another."""
