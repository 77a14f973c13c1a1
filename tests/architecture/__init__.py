"""Tests of the tree itself: its layers, its budgets and its papers."""
