"""The tree of hashes over a log, what can be proved by it, and how it is signed. No storage."""
