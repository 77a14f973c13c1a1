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


def test_heavy_values_leave_room_for_fewer() -> None:
    heavy: Remembered[str, int] = Remembered(10, weigh=int, heaviest=10)
    for key, weight in (("a", 4), ("b", 4), ("c", 2)):
        heavy.put(key, weight)
    assert [*heavy] == ["a", "b", "c"]
    heavy.put("d", 5)
    assert [*heavy] == ["c", "d"]
    heavy.put("d", 1)
    heavy.put("e", 7)
    assert [*heavy] == ["c", "d", "e"]
    heavy.forget("e")
    heavy.put("f", 7)
    assert [*heavy] == ["c", "d", "f"]
    heavy.put("g", 100)
    assert [*heavy] == ["g"], "the latest one is always remembered"
    heavy.clear()
    heavy.put("h", 10)
    heavy.put("i", 0)
    assert [*heavy] == ["h", "i"]
