"""A log that was set back is known by an event that it does not hold any more."""

import asyncio

import pytest

from application.ports.checkpoints import Checkpoint
from application.ports.event_store import EMPTY
from application.ports.read_model import LogSetBack
from application.projections.log_witness import LogWitness
from infrastructure.memory.checkpoints import MemoryCheckpoints
from infrastructure.memory.event_store import MemoryEventStore
from tests.contracts.given import SettableClock, append_numbered, new
from tests.fakes.virtual_time import in_virtual_time

STREAM = "labinstance-class-a/ann"


def witness_of(log: MemoryEventStore, checkpoints: MemoryCheckpoints) -> LogWitness:
    return LogWitness(log, checkpoints, interval=1.0)


async def test_a_log_that_goes_on_holds_what_was_remembered() -> None:
    log, checkpoints = MemoryEventStore(SettableClock()), MemoryCheckpoints()
    witness = witness_of(log, checkpoints)
    await witness.require_held()
    await witness.remember()
    assert await witness.position() == 0, "an empty log has nothing to remember"
    await append_numbered(log, STREAM, 2)
    await witness.remember()
    await append_numbered(log, "labinstance-class-a/bob", 2)
    await witness_of(log, checkpoints).require_held()
    assert await witness.position() == 2


@pytest.mark.parametrize("since", [0, 1, 5])
async def test_a_log_that_was_set_back_does_not_however_far_it_has_gone_on(since: int) -> None:
    log, checkpoints = MemoryEventStore(SettableClock()), MemoryCheckpoints()
    await append_numbered(log, STREAM, 2)
    await witness_of(log, checkpoints).remember()
    set_back = MemoryEventStore(SettableClock())
    await append_numbered(set_back, STREAM, 1)
    for number in range(since):
        await set_back.append(f"labinstance-class-a/{number}", [new()], expected=EMPTY)
    with pytest.raises(LogSetBack, match=r"position 2: an older copy .* labctl rebuild"):
        await witness_of(set_back, checkpoints).require_held()


@in_virtual_time
async def test_a_log_set_back_while_it_is_looked_at_is_told_and_what_was_remembered_stays() -> (
    None
):
    log, checkpoints = MemoryEventStore(SettableClock()), MemoryCheckpoints()
    await append_numbered(log, STREAM, 2)
    looking = asyncio.create_task(witness_of(log, checkpoints).run())
    await asyncio.sleep(5)
    assert not looking.done()
    looking.cancel()
    set_back = MemoryEventStore(SettableClock())
    await append_numbered(set_back, STREAM, 1)
    with pytest.raises(LogSetBack):
        await witness_of(set_back, checkpoints).run()
    assert await witness_of(set_back, checkpoints).position() == 2


@pytest.mark.parametrize(
    "origin", ["nonsense", f"x {'9' * 5000} s", "x \N{ARABIC-INDIC DIGIT ONE} s"]
)
async def test_a_damaged_memory_accuses_nobody_and_is_made_anew(origin: str) -> None:
    log, checkpoints = MemoryEventStore(SettableClock()), MemoryCheckpoints()
    await checkpoints.save("log", Checkpoint(position=7, origin=origin))
    witness = witness_of(log, checkpoints)
    await witness.require_held()
    await append_numbered(log, STREAM, 1)
    await witness.remember()
    assert await witness.position() == 1
