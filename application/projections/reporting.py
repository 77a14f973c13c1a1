"""How long work tells how far it is."""

from collections.abc import Callable

Report = Callable[[int, int], None]
"""Hears of the position that was reached, and of the last one."""
