"""The loop by which replicas tell each other what only one of them knows."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from application.control.settings import ControlPorts
from application.control.supervisor import Loop
from application.control.waiting import Waiting
from application.event_log.progress import Progress
from application.ports.read_model import ReadModelUnavailable
from application.ports.replica_notes import ReplicaNote, ReplicaNotes

log = logging.getLogger(__name__)

_INTERVAL = 2.0


class NotesExchange:
    """Leaves this replica's note while there is something to say, and once more when there is
    nothing any longer, and learns those of the others: every two seconds. Whoever misses one
    knows less.

    Where the views do not move, somebody waits for them and no replica says why, leaving a note
    shows whether their store takes any writes.
    """

    def __init__(
        self, notes: ReplicaNotes, waiting: Waiting, projected: Progress, *, replica: str
    ) -> None:
        self._notes = notes
        self._waiting = waiting
        self._projected = projected
        self._replica = replica
        self._told = False
        self._reached = -1

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.exchange()
            except ReadModelUnavailable as outage:
                log.debug("notes of replicas wait", extra={"error": outage.reason})
            await asyncio.sleep(_INTERVAL)

    async def exchange(self) -> None:
        """Once. Raises ReadModelUnavailable."""
        others = [note for note in await self._notes.all() if note.replica != self._replica]
        self._waiting.learn(others)
        said = next((_said(note) for note in others if note.hindrance), "")
        projected = self._projected
        stands, self._reached = projected.position == self._reached, projected.position
        asking = stands and not said and bool(projected.is_awaited or projected.hearsay)
        if stands and said:
            projected.hearsay = said
        mine = replace(self._waiting.note(self._replica), hindrance=projected.hindrance)
        has_news = bool(mine.waiting or mine.hindrance)
        if has_news or self._told or asking:
            await self._leave(mine, asking=asking)
        self._told = has_news

    async def _leave(self, note: ReplicaNote, *, asking: bool) -> None:
        refusal = ""
        try:
            await self._notes.leave(note)
        except ReadModelUnavailable as outage:
            refusal = outage.reason
            raise
        finally:
            if asking:
                self._projected.hearsay = refusal


def exchanging(ports: ControlPorts, waiting: Waiting, replica: str) -> Sequence[Loop]:
    """The loop that exchanges notes, where there are other replicas."""
    if ports.replica_notes is None:
        return ()
    exchange = NotesExchange(ports.replica_notes, waiting, ports.projected, replica=replica)
    return (Loop(name="replica-notes", run=exchange.run, stop=None),)


def _said(note: ReplicaNote) -> str:
    return f"replica {note.replica}, which writes the views, says: {note.hindrance}"
