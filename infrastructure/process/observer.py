"""Says what a known runtime is doing: from its process always, over HTTP now and then."""

import asyncio
import logging
import math
from collections.abc import Mapping

from application.ports.provisioner import ProvisionerError, ProvisionerUnavailable
from domain.lab_instance.observation import Absent, Ended, Observation, Running, Starting
from infrastructure.process.disk_watch import DISK_LIMIT_EXCEEDED
from infrastructure.process.known_runtime import KnownRuntime
from infrastructure.process.lab_log import bound, read_tail
from infrastructure.process.ports import LOOPBACK, is_taken
from infrastructure.process.readiness import HttpProbe
from infrastructure.process.runtimes import Runtimes
from infrastructure.process.settings import ProcessSettings
from infrastructure.process.workers import Workers
from infrastructure.templates.definition import Readiness, TemplateDefinition

log = logging.getLogger(__name__)

_ASK_STARTING_EVERY = 0.05
_STRANGERS_TO_END = 2
_HINT_LENGTH = 200


class Observer:
    """Looks at runtimes; keeps the count of the probes each has missed.

    Questions are asked beside the looks: how long a lab thinks about one holds up nobody who
    looks, at this lab or another.
    """

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
        self._probe = HttpProbe(settings.probe_timeout, workers)
        self._asking: set[asyncio.Task[None]] = set()

    def answers(self, known: KnownRuntime) -> bool:
        """Whether its process lives, has its files and has not missed too many probes."""
        return (
            self._runtimes.process_of(known) is not None
            and not known.files_gone
            and not known.over
            and not self._is_silent(known)
            and known.strangers < _STRANGERS_TO_END
        )

    def must_move(self, known: KnownRuntime) -> bool:
        """Whether it was never ready and is gone, or has met a stranger at its port."""
        record = known.record
        if record.stopped or record.ready or known.starting or not record.pid:
            return False
        return known.strangers > 0 or self._runtimes.process_of(known) is None

    async def look(self, known: KnownRuntime, *, patience: float) -> Observation:
        """What the runtime is doing now; a question that is due may take so many seconds, and
        otherwise be answered by the next look. Raises ProvisionerError."""
        if known.record.stopped:
            return Absent()
        if known.starting:
            return Starting(revision=known.record.revision)
        if known.over:
            revision, reason = known.record.revision, DISK_LIMIT_EXCEEDED
            return Ended(revision=revision, reason=reason, message=known.over)
        if self._runtimes.process_of(known) is not None:
            await self._have_asked(known, patience)
        record = known.record
        if self._runtimes.process_of(known) is None:
            return await self._ended(known)
        if not record.ready:
            return Starting(revision=record.revision)
        return self._running(known)

    async def opens(self, known: KnownRuntime) -> bool:
        """Whether the lab itself listens at its port at this moment."""
        return await self._probe.is_the_labs(known.door)

    async def close(self) -> None:
        """End the questions that are being asked."""
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    async def _have_asked(self, known: KnownRuntime, patience: float) -> None:
        if known.asking is None and self._is_due(known):
            known.asking = asyncio.create_task(self._guarded(known))
            self._asking.add(known.asking)
            known.asking.add_done_callback(self._asking.discard)
        if known.asking is not None and patience > 0:
            await asyncio.wait([known.asking], timeout=patience)

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

    def _is_silent(self, known: KnownRuntime) -> bool:
        """Whether it has missed so many probes, for so long, that it counts as ended."""
        if known.missed_probes < self._settings.probes_to_end:
            return False
        silence = asyncio.get_running_loop().time() - known.answered_at
        return silence >= self._readiness_of(known).silence

    def _readiness_of(self, known: KnownRuntime) -> Readiness:
        definition = self._definitions.get(known.record.template)
        return Readiness(path="/") if definition is None else definition.readiness

    def _running(self, known: KnownRuntime) -> Running | Ended:
        record = known.record
        endpoint = f"http://{LOOPBACK}:{record.port}/"
        if known.files_gone:
            message = "its files were removed while it ran"
            return Ended(revision=record.revision, reason="FilesGone", message=message)
        if known.strangers >= _STRANGERS_TO_END:
            message = f"another program listens at its port {record.port}"
            return Ended(revision=record.revision, reason="PortTaken", message=message)
        if self._is_silent(known):
            message = f"nothing answers at {endpoint} though the process runs"
            return Ended(revision=record.revision, reason="NotAnswering", message=message)
        return Running(revision=record.revision, endpoint=endpoint, isolation=record.isolation)

    async def _guarded(self, known: KnownRuntime) -> None:
        try:
            await self._ask(known)
        except ProvisionerUnavailable:
            log.debug("a lab could not be asked", extra={"uid": known.record.uid})
        except ProvisionerError as trouble:
            known.missed_probes += 1
            extra = {"uid": known.record.uid, "error": str(trouble)}
            log.warning("a lab could not be asked", extra=extra)
        except Exception:
            known.missed_probes += 1
            log.exception("a lab could not be asked", extra={"uid": known.record.uid})
        finally:
            known.asking = None

    async def _ask(self, known: KnownRuntime) -> None:
        uid, ready = known.record.uid, known.record.ready
        await self._workers.run_for(uid, bound, known.files.log, self._settings.log_limit)
        token = await self._workers.run_for(uid, known.files.read_token)
        readiness = self._readiness_of(known)
        answer = await self._probe.ask(readiness, known.door, token, slow=known.slow)
        known.slow = answer.slow
        known.strangers = known.strangers + 1 if answer.stranger else 0
        if ready:
            known.missed_probes = 0 if answer.status else known.missed_probes + 1
            if answer.status or known.answered_at == -math.inf:  # not before it was looked at
                known.answered_at = asyncio.get_running_loop().time()
            known.files_gone = not await self._workers.run_for(uid, known.files.is_complete)
        elif answer.status == readiness.status and self._runtimes.process_of(known) is not None:
            await self._runtimes.note_ready(known)

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
        uid = known.record.uid
        try:
            secret = await self._workers.run_for(uid, known.files.read_token)
            line = await self._workers.run_for(
                uid, read_tail, known.files.log, lines=1, secret=secret
            )
        except ProvisionerError:
            return ""  # that it has ended is reported all the same
        words = "".join(filter(str.isprintable, line.strip()))[:_HINT_LENGTH]
        return f"; its last words: {words}" if words else ""
