"""Tests of the HTTP side against the real application over memory."""
