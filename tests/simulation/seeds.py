"""How tests run seeds: in a process of their own, and what is broken comes with its replay."""

import pytest

from tests.simulation.batches import run_batch

BATCH = 50


def check_seeds(first: int) -> None:
    """A batch of seeds breaks nothing."""
    reports = run_batch(range(first, first + BATCH))
    assert [report.seed for report in reports] == [*range(first, first + BATCH)]
    broken = [str(report) for report in reports if report.broken]
    if broken:
        pytest.fail("\n\n".join(broken), pytrace=False)
