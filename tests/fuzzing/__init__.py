"""Searches for inputs that are answered wrongly or cost too much time, memory or patience."""
