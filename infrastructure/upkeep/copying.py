"""Copies a history into another store, event by event, and proves that it is the same there."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from application.projections.reporting import Report
from infrastructure.codec.proof import Proof
from infrastructure.codec.raw_log import RawLog
from infrastructure.codec.stored_event import StoredEvent

_CHUNK = 200


class HoldsSomethingElse(Exception):
    """The target is not empty, nor an unfinished copy of the source. Nothing was written."""

    def __init__(self, position: int) -> None:
        super().__init__(
            "the target holds something else: its event at position "
            f"{position} is not the one that the source has there"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """So many events in so many streams are the same in both; `already` of them were there."""

    events: int
    streams: int
    already: int


async def copy_history(source: RawLog, target: RawLog, report: Callable[[str], Report]) -> Copied:
    """Make the target a copy of the source, going on where an earlier attempt has ended.

    `report` is asked for a callable for each part of the work, by its name. Raises what the
    logs raise, HoldsSomethingElse, and BrokenChain or UndecodableEvent where the source is not
    what was written: from there on nothing is copied.
    """
    before, after = Proof(), Proof()
    reached = await _shared(source, target, before, report("comparing"))
    already = before.events
    await _copy(source, target, before, reached, report("copying"))
    await _shared(source, target, after, report("verifying"))
    return Copied(events=after.events, streams=after.streams, already=already)


async def _shared(source: RawLog, target: RawLog, proof: Proof, report: Report) -> int:
    """The source's position of the target's last event. All that the target has are the
    source's first ones; each is checked as it stands in the target."""
    end, reached = await target.end(), 0
    async with aclosing(_pairs(source, target)) as pairs:
        async for original, copy in pairs:
            if original is None or not _same(original, copy):
                raise HoldsSomethingElse(copy.position)
            proof.add(copy)
            reached = original.position
            report(copy.position, end)
    return reached


async def _copy(source: RawLog, target: RawLog, proof: Proof, after: int, report: Report) -> None:
    end = await source.end()
    chunk: list[StoredEvent] = []
    async with aclosing(source.read(after=after)) as events:
        async for stored in events:
            proof.add(stored)
            chunk.append(stored)
            if len(chunk) == _CHUNK:
                await target.append(chunk)
                report(stored.position, end)
                chunk.clear()
    await target.append(chunk)
    report(end, end)


async def _pairs(
    source: RawLog, target: RawLog
) -> AsyncGenerator[tuple[StoredEvent | None, StoredEvent], None]:
    """Each event of the target, with the one at its place in the source."""
    async with (
        aclosing(target.read(after=0)) as copies,
        aclosing(source.read(after=0)) as originals,
    ):
        async for copy in copies:
            yield await _next(originals), copy


async def _next(events: AsyncIterator[StoredEvent]) -> StoredEvent | None:
    return await anext(events, None)


def _same(one: StoredEvent, other: StoredEvent) -> bool:
    """Whether all is equal that is not the store's own: position and time may be."""
    return (one.stream, one.version, one.id, one.type, one.data, one.metadata) == (
        other.stream,
        other.version,
        other.id,
        other.type,
        other.data,
        other.metadata,
    )
