"""Sees to it that no lab takes more of the disk than its template allows, by looking again."""

import asyncio
import logging
from collections.abc import Mapping

from application.ports.provisioner import ProvisionerError, RuntimeRefused
from infrastructure.exit_hints import ExitHints
from infrastructure.process.disk_use import Measurement
from infrastructure.process.known_runtime import KnownRuntime
from infrastructure.process.runtimes import Runtimes
from infrastructure.process.workers import LabFilesTroubled, Workers
from infrastructure.templates.definition import Resources, TemplateDefinition

log = logging.getLogger(__name__)

DISK_LIMIT_EXCEEDED = "DiskLimitExceeded"

_PIECE = 500
_ENTRIES_A_SECOND = 5_000


class DiskWatch:
    """Measures the running labs one after the other, at most so many entries a second, and notes
    on each what it takes too much of; whoever looks at that lab sees that it has ended."""

    def __init__(
        self,
        pause: float,
        definitions: Mapping[str, TemplateDefinition],
        runtimes: Runtimes,
        workers: Workers,
        exits: ExitHints,
    ) -> None:
        self._pause = pause
        self._definitions = definitions
        self._runtimes = runtimes
        self._workers = workers
        self._exits = exits
        self._closing = asyncio.Event()
        self._task = asyncio.create_task(self._watch())

    async def refuse_over(self, known: KnownRuntime) -> None:
        """Raise RuntimeRefused if the lab takes too much, after a look at full speed. May raise
        ProvisionerUnavailable."""
        known.over = await self._fault(known)
        if known.over:
            raise RuntimeRefused(DISK_LIMIT_EXCEEDED, known.over, permanent=True)

    async def close(self) -> None:
        """Look no more; the piece in hand is finished."""
        self._closing.set()
        await self._task

    async def _watch(self) -> None:
        while not await self._closes_within(self._pause):
            for known in tuple(self._runtimes.known.values()):
                if self._closing.is_set():
                    return
                await self._look(known)

    async def _look(self, known: KnownRuntime) -> None:
        record = known.record
        if record.stopped or known.starting or known.closed or known.over:
            return
        try:
            if self._runtimes.process_of(known) is None:
                return
            fault = await self._fault(known, slowly=True)
        except ProvisionerError as trouble:
            extra = {"uid": record.uid, "error": str(trouble)}
            log.debug("a lab could not be measured", extra=extra)
        except Exception:
            log.exception("a lab could not be measured", extra={"uid": record.uid})
        else:
            if fault and not known.closed:
                known.over = fault
                log.warning("a lab takes too much disk", extra={"uid": record.uid, "why": fault})
                self._exits.add(record.uid)

    async def _fault(self, known: KnownRuntime, *, slowly: bool = False) -> str:
        """What it takes too much of; empty when it does not, or when the service is closing."""
        uid = known.record.uid
        measurement = Measurement(known.files.directory, self._limits_of(known))
        try:
            done = False
            while not done:
                before = measurement.looked
                done = await self._workers.run_for(uid, measurement.work, _PIECE)
                if slowly and await self._rests_after(measurement.looked - before):
                    return ""
        except LabFilesTroubled as trouble:
            if not known.unseen:  # once may be chance: modes change while it is looked at
                known.unseen = True
                return ""
            return f"what it takes of the disk cannot be seen: {trouble}"
        finally:
            measurement.close()
        known.unseen = False
        if not measurement.fault:
            return ""
        return f"{measurement.fault}; they are kept: make room among them, then retry"

    async def _rests_after(self, looked: int) -> bool:
        """Keep to the pace; whether the service closes meanwhile."""
        return await self._closes_within(looked / _ENTRIES_A_SECOND)

    def _limits_of(self, known: KnownRuntime) -> Resources:
        definition = self._definitions.get(known.record.template)
        return Resources() if definition is None else definition.resources

    async def _closes_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return False
        return True
