"""Changes of views come to the writer in parts, so that appends get between them."""

import pytest

from infrastructure.sqlite.past_writes import PastWrite
from infrastructure.sqlite.view_rows import view_writes
from infrastructure.sqlite.view_writes import Beside
from tests.contracts.given import change, created


@pytest.mark.parametrize(
    ("number", "sizes"),
    [(0, [0]), (1, [1]), (32, [32]), (33, [32, 1]), (64, [32, 32]), (1000, [125] * 8)],
)
def test_a_crowd_of_changes_comes_in_parts_that_each_lead_somewhere(
    number: int, sizes: list[int]
) -> None:
    changes = [change(created(f"lab-{at}"), position=at) for at in range(1, number + 1)]
    beside = Beside(commands=[("00", 1, 1)], passed=PastWrite(ended=[("class-a", "lab-0", 1, 1)]))
    parts = list(view_writes(changes, position=number + 5, beside=beside))
    assert [part.beside for part in parts] == [beside, *[Beside()] * (len(parts) - 1)]
    assert [len(part.changed) for part in parts] == sizes
    assert [position for part in parts for position, _ in part.changed] == [
        change.position for change in changes
    ]
    reached = [part.position for part in parts]
    assert reached == [*(part.changed[-1][0] for part in parts[:-1]), number + 5]
