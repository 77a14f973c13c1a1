"""Keeps the audit's records: follows the log, and writes what its events leave."""

import asyncio
import logging
from collections.abc import Sequence

from application.event_log.closing import closing_early
from application.event_log.inbox import Inbox
from application.event_log.labs import LABS
from application.event_log.loading import view_before
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs
from application.ports.audit_records import Act, ActFilter, AuditRecords, Reading, Trace
from application.ports.checkpoints import Checkpoint
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.read_model import UnreadableReadModel
from application.ports.views import LabInstanceView
from application.projections.audit_traces import stream_of_act, trace_of_lab, trace_of_object
from application.projections.origin import origin_of, origin_of_log
from application.projections.outlasting import Outlasting
from application.structures.remembered import Remembered
from domain.lab_instance.key import LabKey

log = logging.getLogger(__name__)

_CAPACITY = 5000
_GATHERING = 0.25
_LONGEST_PAUSE = 20.0
_PAUSES_TO_WORK = 49
_AT_ONCE = 50
_REMEMBERED = 5_000
_HEAVIEST = 32 * 1024 * 1024
_BETWEEN_LOOKS = 0.25


class AuditRecorder:
    """Follows the event store from the records' checkpoint on.

    What comes is gathered for a while, so that records take a fiftieth of the time at most:
    nobody waits for them but who asks, and who asks ends the while.
    Records of another log, of a time line that the log has left, or damaged ones are made anew.
    A store that refuses is waited for.
    """

    def __init__(
        self, store: EventStore, records: AuditRecords, *, recorded: Progress, recent: RecentLabs
    ) -> None:
        self._store = store
        self._records = records
        self._recorded = recorded
        self._recent = recent
        self._outlasting = Outlasting(recorded)
        self._labs: Remembered[LabKey, LabInstanceView | None] = Remembered(
            _REMEMBERED, weigh=lambda view: view.weight if view else 0, heaviest=_HEAVIEST
        )

    async def run(self) -> None:
        """Record for ever. Raises what the store raises; run again then."""
        self._labs.clear()
        origin = await origin_of_log(self._store) or ""
        start = await self._outlasting.until_done(lambda: self._begin(origin))
        self._recorded.advance(start)
        inbox = Inbox(_CAPACITY)
        pump = asyncio.create_task(inbox.fill(self._store, after=start), name="audit-pump")
        try:
            await self._follow_log(inbox, pump, origin, behind_until=await self._store.head())
        finally:
            self._recorded.hindrance = ""
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def _follow_log(
        self, inbox: Inbox, pump: asyncio.Task[None], origin: str, *, behind_until: int
    ) -> None:
        """What was there at the start is recorded at once, what comes later at leisure."""
        loop = asyncio.get_running_loop()
        while True:
            events = await inbox.take(pump)
            origin = origin or origin_of(events[0])
            begun = loop.time()
            await self._record(events, origin)
            if events[-1].position >= behind_until:
                pause = _PAUSES_TO_WORK * (loop.time() - begun)
                pause = min(max(_GATHERING, pause), _LONGEST_PAUSE)
                await self._recorded.asked_for(within=pause)

    async def follow(self) -> None:
        """Learn for ever how far another replica has recorded. Raises what the records raise."""
        while True:
            checkpoint = await self._records.checkpoint()
            if checkpoint is not None:
                self._recorded.advance(checkpoint.position)
            await asyncio.sleep(_BETWEEN_LOOKS)

    async def _begin(self, origin: str) -> int:
        """Where to begin. Records that are not of this log are forgotten first."""
        try:
            checkpoint = await self._records.checkpoint()
            if checkpoint is None:
                return 0
            if await self._is_of_this_log(checkpoint, origin):
                return checkpoint.position
        except UnreadableReadModel as damage:
            log.warning("the audit's records are damaged", extra={"error": damage.reason})
        log.warning("the audit's records are not of this log; they are made anew")
        await self._records.clear()
        return 0

    async def _is_of_this_log(self, checkpoint: Checkpoint, origin: str) -> bool:
        if checkpoint.origin != origin or checkpoint.position > await self._store.head():
            return False
        if await self._store.is_lost(checkpoint.position):
            return False
        last = await self._records.acts(ActFilter(), Reading(limit=1))
        return not last or await self._is_recorded(last[0])

    async def _is_recorded(self, act: Act) -> bool:
        """Whether the log still holds the event: one that was put back may have gone on past its
        position with others."""
        reading = self._store.read_stream(stream_of_act(act), from_version=act.version)
        async with closing_early(reading) as stream:
            async for recorded in stream:
                return str(recorded.id) == act.id
        return False

    async def _record(self, events: Sequence[RecordedEvent], origin: str) -> None:
        traces: list[Trace] = []
        for number, recorded in enumerate(events, 1):
            traces.append(await self._trace(recorded))
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)  # others get their turn
        checkpoint = Checkpoint(position=events[-1].position, origin=origin)
        await self._outlasting.until_done(
            lambda: self._records.record(traces, checkpoint=checkpoint)
        )
        self._recorded.advance(checkpoint.position)

    async def _trace(self, recorded: RecordedEvent) -> Trace:
        if not LABS.holds(recorded.event):
            return trace_of_object(recorded)
        key = LABS.key_of(recorded.stream)
        if key in self._labs:
            before = self._labs.peek(key)
        else:
            before = await view_before(LABS, self._store, recorded)
        known = self._recent.view_at(key, recorded.position)
        after = known or LABS.next_view(before, recorded)
        self._labs.put(key, LABS.present(after))
        return trace_of_lab(recorded, before, after)
