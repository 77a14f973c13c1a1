"""The past by its own times, over every event store: positions mean something else in each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from application.event_log.labs import stream_of
from application.event_log.moments import Moments
from application.event_log.passing import Passing
from application.mediator.questions import AtTime
from application.ports.event_store import EMPTY, EventStore
from domain.lab_instance.key import LabKey
from infrastructure.memory.past_index import MemoryPastIndex
from tests.contracts.given import NOON, SettableClock, created, new

DAY = timedelta(days=1)


async def append(store: EventStore, *days: float) -> Sequence[int]:
    """A lab for each of the days, by its own time; their positions."""
    positions: list[int] = []
    for number, day in enumerate(days):
        event = replace(created(f"l{number}"), at=NOON + day * DAY)
        stream = stream_of(LabKey("class-a", f"l{number}"))
        [recorded] = await store.append(stream, [new(event)], expected=EMPTY)
        positions.append(recorded.position)
    return positions


async def test_times_stand_for_positions_whatever_the_clock_and_the_store_did(
    event_store: EventStore,
) -> None:
    positions = await append(event_store, 0, 1, 1.01, 400, 2, 3)
    clock, index = SettableClock(), MemoryPastIndex()
    clock.at = NOON + 9 * DAY
    moments = Moments(event_store, index, clock)
    expected = {
        -1.0: 0,
        0.0: positions[0],
        1.005: positions[1],
        1.5: positions[2],
        2.0: positions[4],
        8.0: positions[5],
        9.0: await event_store.head(),
    }
    for fill in (False, True):
        if fill:
            passing = Passing(after=0)
            async for recorded in event_store.read_all(after=0):
                passing.note(recorded)
            await index.catch_up(passing.taken(), position=await event_store.head())
        for day, position in expected.items():
            assert await moments.position_of(AtTime(time=NOON + day * DAY)) == position
        assert await moments.time_of(positions[1]) == NOON + DAY
        assert await moments.time_of(positions[3]) == NOON + 1.01 * DAY
