"""A memory with a bound."""

import pytest

from application.structures.remembered import Remembered


@pytest.fixture
def full() -> Remembered[str, int]:
    """Two values, of which `a` was put first; a third has no room."""
    memory = Remembered[str, int](capacity=2)
    memory.put("a", 1)
    memory.put("b", 2)
    return memory


def test_a_full_memory_forgets_the_value_used_longest_ago(full: Remembered[str, int]) -> None:
    full.put("c", 3)
    assert [*full] == ["b", "c"]


def test_looking_at_a_value_counts_as_use(full: Remembered[str, int]) -> None:
    assert full.get("a") == 1
    full.put("c", 3)
    assert [*full] == ["a", "c"]


def test_a_peek_counts_as_no_use(full: Remembered[str, int]) -> None:
    assert full.peek("a") == 1
    full.put("c", 3)
    assert [*full] == ["b", "c"]


def test_putting_a_value_again_replaces_it_and_counts_as_use(full: Remembered[str, int]) -> None:
    full.put("a", 9)
    full.put("c", 3)
    assert (full.get("a"), "b" in full, len(full)) == (9, False, 2)


def test_a_forgotten_value_is_absent_and_leaves_room(full: Remembered[str, int]) -> None:
    full.forget("a")
    full.forget("never there")
    full.put("c", 3)
    assert (full.get("a"), [*full]) == (None, ["b", "c"])


def test_a_cleared_memory_is_empty(full: Remembered[str, int]) -> None:
    full.clear()
    assert (len(full), full.peek("b")) == (0, None)
