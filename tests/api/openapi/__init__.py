"""OpenAPI as kubectl reads it."""
