"""Tests, in the rooms of the product."""
