"""Reviews of identity and access."""
