"""Tells what a known runtime is doing: from its process always, over HTTP now and then."""

import asyncio
from collections.abc import Mapping

from domain.lab_instance.observation import Absent, Ended, Observation, Running, Starting
from infrastructure.process.lab_log import bound, read_tail
from infrastructure.process.ports import LOOPBACK, is_taken
from infrastructure.process.readiness import HttpProbe
from infrastructure.process.runtimes import KnownRuntime, Runtimes
from infrastructure.process.settings import ProcessSettings
from infrastructure.process.workers import Workers
from infrastructure.templates.definition import Readiness, TemplateDefinition

_ASK_STARTING_EVERY = 0.05
_HINT_LENGTH = 200


class Observer:
    """Looks at runtimes; keeps the count of the probes each has missed."""

    def __init__(
        self,
        settings: ProcessSettings,
        definitions: Mapping[str, TemplateDefinition],
        runtimes: Runtimes,
        workers: Workers,
    ) -> None:
        self._settings = settings
        self._definitions = definitions
        self._runtimes = runtimes
        self._workers = workers
        self._probe = HttpProbe(settings.probe_timeout)

    def answers(self, known: KnownRuntime) -> bool:
        """Whether its process lives, has its files and has not missed too many probes."""
        return (
            self._runtimes.process_of(known) is not None
            and not known.files_gone
            and known.missed_probes < self._settings.probes_to_end
        )

    def has_ended_early(self, known: KnownRuntime) -> bool:
        """Whether its process is gone before it was ever ready."""
        record = known.record
        idle = record.stopped or record.ready or known.starting
        return not idle and record.pid > 0 and self._runtimes.process_of(known) is None

    async def look(self, known: KnownRuntime) -> Observation:
        """What the runtime is doing now."""
        if known.record.stopped:
            return Absent()
        if known.starting:
            return Starting(revision=known.record.revision)
        alive = self._runtimes.process_of(known) is not None
        if alive and self._is_due(known):
            await self._ask(known)
            alive = self._runtimes.process_of(known) is not None
        record = known.record
        if not alive:
            return await self._ended(known)
        if not record.ready:
            return Starting(revision=record.revision)
        return self._running(known)

    async def close(self) -> None:
        """Close the HTTP client."""
        await self._probe.close()

    def _is_due(self, known: KnownRuntime) -> bool:
        now = asyncio.get_running_loop().time()
        ready = known.record.ready
        if now < known.asked_at + (
            self._settings.probe_interval if ready else _ASK_STARTING_EVERY
        ):
            return False
        known.asked_at = now
        # Most of a start is spent before its server listens: this look is cheap.
        return ready or is_taken(known.record.port)

    def _running(self, known: KnownRuntime) -> Running | Ended:
        record = known.record
        endpoint = f"http://{LOOPBACK}:{record.port}/"
        if known.files_gone:
            message = "its files were removed while it ran"
            return Ended(revision=record.revision, reason="FilesGone", message=message)
        if known.missed_probes >= self._settings.probes_to_end:
            message = f"nothing answers at {endpoint} though the process runs"
            return Ended(revision=record.revision, reason="NotAnswering", message=message)
        return Running(revision=record.revision, endpoint=endpoint, isolation=record.isolation)

    async def _ask(self, known: KnownRuntime) -> None:
        ready = known.record.ready
        await self._workers.run(bound, known.files.log, self._settings.log_limit)
        token = await self._workers.run(known.files.read_token)
        definition = self._definitions.get(known.record.template)
        readiness = Readiness(path="/") if definition is None else definition.readiness
        status = await self._probe.status(readiness, known.record.port, token)
        if ready:
            known.missed_probes = 0 if status else known.missed_probes + 1
            known.files_gone = not await self._workers.run(known.files.is_complete)
        elif status == readiness.status and self._runtimes.process_of(known) is not None:
            await self._runtimes.note(known, ready=True)

    async def _ended(self, known: KnownRuntime) -> Ended:
        record = known.record
        if not record.pid:
            reason, message = "StartInterrupted", "its start was interrupted"
        elif record.boot_id != self._runtimes.site.boot:
            reason, message = "ProcessGone", "the machine was restarted"
        else:
            reason = "ProcessGone" if record.ready else "ProcessExited"
            ending = self._runtimes.ending_of(known)
            message = f"process {record.pid} is gone" + (f": {ending}" if ending else "")
            if not record.ready:
                message += await self._last_words(known)
        return Ended(revision=record.revision, reason=reason, message=message)

    async def _last_words(self, known: KnownRuntime) -> str:
        secret = await self._workers.run(known.files.read_token)
        line = await self._workers.run(read_tail, known.files.log, lines=1, secret=secret)
        return f"; its last words: {line.strip()[:_HINT_LENGTH]}" if line.strip() else ""
