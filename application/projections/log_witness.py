"""One event near the end of the log, remembered outside of it: whether the log was set back."""

import asyncio

from application.event_log.closing import closing_early
from application.ports.checkpoints import Checkpoint, Checkpoints
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.read_model import LogSetBack

_NAME = "log"
_DIGITS = 18


class LogWitness:
    """A log that goes on holds the event remembered last; one that was set back, and then went on
    past it, has another one at its place. Checkpoints are kept beside the views, so they outlive
    what befalls the log."""

    def __init__(self, store: EventStore, checkpoints: Checkpoints, *, interval: float) -> None:
        """`interval`: seconds after which the newest event is remembered."""
        self._store = store
        self._checkpoints = checkpoints
        self._interval = interval
        self._remembered = 0

    async def run(self) -> None:
        """Look and remember, for ever. Raises LogSetBack, and what the stores raise."""
        while True:
            await self.require_held()
            await self.remember()
            await asyncio.sleep(self._interval)

    async def position(self) -> int:
        """Where the event stood that was remembered last; 0 when there is none. Raises
        EventStoreUnavailable."""
        known = await self._checkpoints.load(_NAME)
        return known.position if known else 0

    async def require_held(self) -> None:
        """Raises LogSetBack when the log does not hold the event where it stood, and
        EventStoreError."""
        known = await self._checkpoints.load(_NAME)
        if known is None:
            return
        id_, _, place = known.origin.partition(" ")
        version, _, stream = place.partition(" ")
        if not (version.isascii() and version.isdecimal() and len(version) <= _DIGITS and stream):
            return  # it was damaged: the next one is made anew
        found = await self._at(stream, int(version))
        if found is None or (str(found.id), found.position) != (id_, known.position):
            raise LogSetBack(known.position)

    async def remember(self) -> None:
        """Remember the newest event, durably. Raises EventStoreError."""
        if await self._store.head() == self._remembered:
            return
        async with closing_early(self._store.read_back()) as log:
            async for newest in log:
                origin = f"{newest.id} {newest.version} {newest.stream}"
                checkpoint = Checkpoint(position=newest.position, origin=origin)
                await self._checkpoints.save(_NAME, checkpoint)
                self._remembered = newest.position
                return

    async def _at(self, stream: str, version: int) -> RecordedEvent | None:
        async with closing_early(self._store.read_stream(stream, from_version=version)) as events:
            async for found in events:
                return found
        return None
