"""The mutants are kept up with the code, and some are found in every run of the tests."""

import subprocess
import sys

import pytest

from tests.simulation.batches import ROOT, run_batch
from tests.simulation.mutants.catalogue import MUTANTS

LEAST = 20
APPLY_ALL = (
    "from tests.simulation.mutants.catalogue import MUTANTS\n"
    "for mutant in MUTANTS.values(): mutant.apply()"
)


def test_mutants_still_fit_the_code_that_they_change() -> None:
    assert len(MUTANTS) >= LEAST
    applied = subprocess.run(
        [sys.executable, "-c", APPLY_ALL], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert applied.returncode == 0, applied.stderr


@pytest.mark.parametrize(
    ("name", "invariant"),
    [
        ("version-check-skipped", "every history is legal"),
        ("acknowledged-early", "no acknowledged command is lost"),
    ],
)
def test_a_mutant_is_found(name: str, invariant: str) -> None:
    last = run_batch(range(50), mutant=name)[-1]
    assert last.broken == invariant
    assert last.replay == f"make simulate SEED={last.seed}"
