"""The domain: what a lab is, what may be asked of it and what has happened to it.

Pure: no input or output, no clock, no randomness, nothing from outside the standard library.
"""
