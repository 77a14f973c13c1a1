"""Carrying out commands: admission, preconditions, decide, append."""
