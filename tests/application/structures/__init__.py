"""Plain data structures, each by itself."""
