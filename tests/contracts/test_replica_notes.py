"""What every keeper of notes about permits promises."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.replica_notes import ReplicaNote, ReplicaNotes
from infrastructure.memory.replica_notes import MemoryReplicaNotes
from infrastructure.mongodb.connection import open_mongodb
from tests.contracts.given import SettableClock

NOTE = ReplicaNote(
    replica="a",
    shards=frozenset({0, 3}),
    limit=8,
    held=9,
    waiting={"course.a": 40, "$course-b": 1},
)


@pytest.fixture(params=["memory", "mongodb"])
async def notes(
    request: pytest.FixtureRequest, store_clock: SettableClock
) -> AsyncIterator[ReplicaNotes]:
    if request.param == "memory":
        yield MemoryReplicaNotes(store_clock)
        return
    async with open_mongodb(request.getfixturevalue("mongodb_uri")) as stores:
        yield stores.replica_notes


async def test_each_replica_has_one_note_and_the_newest_counts(notes: ReplicaNotes) -> None:
    await notes.leave(NOTE)
    await notes.leave(replace(NOTE, replica="$b", waiting={}))
    await notes.leave(replace(NOTE, held=3, hindrance="full"))
    found = {note.replica: note for note in await notes.all()}
    assert found == {
        "a": replace(NOTE, held=3, hindrance="full"),
        "$b": replace(NOTE, replica="$b", waiting={}),
    }


async def test_notes_of_a_while_ago_are_not_told(store_clock: SettableClock) -> None:
    notes = MemoryReplicaNotes(store_clock)
    await notes.leave(NOTE)
    store_clock.at += timedelta(seconds=15)
    assert await notes.all() == [NOTE]
    store_clock.at += timedelta(seconds=1)
    assert await notes.all() == []
