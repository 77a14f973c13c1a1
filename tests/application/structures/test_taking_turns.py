"""A fair queue of labs' keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.structures.taking_turns import TakingTurns
from domain.lab_instance.key import LabKey

KEYS = st.builds(LabKey, st.sampled_from("abc"), st.sampled_from("123"))


def test_namespaces_take_turns_and_keys_of_one_keep_their_order() -> None:
    queue = _queue("crowd/1", "crowd/2", "crowd/3", "other/1")
    assert _taken(queue) == ["crowd/1", "other/1", "crowd/2", "crowd/3"]


def test_a_key_that_waits_already_keeps_its_place() -> None:
    assert _taken(_queue("a/1", "a/2", "a/1")) == ["a/1", "a/2"]


def test_a_discarded_key_waits_no_more() -> None:
    queue = _queue("a/1", "b/1")
    queue.discard(LabKey("a", "1"))
    queue.discard(LabKey("never", "there"))
    assert LabKey("a", "1") not in queue
    assert _taken(queue) == ["b/1"]


def test_taking_from_an_empty_queue_is_an_error() -> None:
    with pytest.raises(KeyError):
        TakingTurns().take()


@given(st.lists(st.tuples(st.booleans(), KEYS)))
def test_every_key_that_was_put_and_not_discarded_is_taken_once(
    script: list[tuple[bool, LabKey]],
) -> None:
    queue, waiting = TakingTurns(), set[LabKey]()
    for put, key in script:
        (queue.put if put else queue.discard)(key)
        (waiting.add if put else waiting.discard)(key)
        assert (len(queue), bool(queue), key in queue) == (len(waiting), bool(waiting), put)
    assert {*queue} == waiting
    assert sorted(_taken(queue)) == sorted(f"{k.namespace}/{k.name}" for k in waiting)


def _queue(*keys: str) -> TakingTurns:
    queue = TakingTurns()
    for key in keys:
        queue.put(LabKey(*key.split("/")))
    return queue


def _taken(queue: TakingTurns) -> list[str]:
    """All that wait, in the order of their turns."""
    taken = []
    while queue:
        key = queue.take()
        taken.append(f"{key.namespace}/{key.name}")
    return taken
