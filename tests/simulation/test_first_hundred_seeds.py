"""The first hundred seeds; a file of its own, so that workers share them."""

import pytest

from tests.simulation.seeds import BATCH, check_seeds


@pytest.mark.parametrize("first", range(0, 100, BATCH))
def test_no_invariant_is_broken_whatever_fails(first: int) -> None:
    check_seeds(first)
