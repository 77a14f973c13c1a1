"""Bytes and headers: bodies, patches, answers, paths, refusals, and who sends a request."""
