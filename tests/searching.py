"""How far property tests search. A run of the suite tries the same examples each time, so that it
judges the change and not its luck; HYPOTHESIS_FACTOR=20 tries new ones, twenty times as many."""

import os

FACTOR = int(os.environ.get("HYPOTHESIS_FACTOR", "0"))


def examples(number: int) -> int:
    """How many to try, where `number` are tried usually."""
    return number * max(FACTOR, 1)
