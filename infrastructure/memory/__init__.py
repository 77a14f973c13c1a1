"""Stores that live as long as the process: for trials, and as the yardstick of the others."""
