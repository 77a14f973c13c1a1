"""Discovery as clients ask for it."""
