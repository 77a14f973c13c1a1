"""Runtimes that exist only as numbers: for load, demonstrations and tests."""
