"""The API group of the audit: questions over all labs, and what vouches for the log."""
