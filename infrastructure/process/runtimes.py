"""The runtimes this service knows of: how they are started and stopped, one step at a time."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from infrastructure.exit_hints import ExitHints
from infrastructure.process.doors import Door
from infrastructure.process.exit_watch import ExitWatch
from infrastructure.process.files import LabFiles
from infrastructure.process.known_runtime import KnownRuntime, Start
from infrastructure.process.launch import Launch, spec_hash
from infrastructure.process.limit_groups import Share
from infrastructure.process.ports import is_taken
from infrastructure.process.proc import Process, read_process
from infrastructure.process.record import RuntimeRecord
from infrastructure.process.site import Site
from infrastructure.process.termination import stop_processes
from infrastructure.process.workers import Workers

_Result = TypeVar("_Result")

_TRIES_AT_PORTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a new runtime's secret and port come from."""

    new_token: Callable[[], str]
    choose_port: Callable[[], int]


class Runtimes:
    """Starts and stops runtimes. The caller sees to it that work on one uid never overlaps."""

    def __init__(self, site: Site, sources: Sources, workers: Workers, exits: ExitHints) -> None:
        self.site = site
        self._sources = sources
        self._workers = workers
        self._exits = exits
        self._watch = ExitWatch()
        self._known: dict[str, KnownRuntime] = {}

    @property
    def known(self) -> Mapping[str, KnownRuntime]:
        """Every runtime with a record, by uid."""
        return self._known

    async def adopt(self) -> None:
        """Know again what earlier services have started and not removed."""
        for found in await self._workers.run(self.site.read_records):
            another = self.site.is_another(found)
            record = msgspec.structs.replace(found, start_time=0) if another else found
            known = self._know(record, None)
            self._watch_over(known)
        await self._workers.run(self._weigh_adopted)

    def process_of(self, known: KnownRuntime) -> Process | None:
        """The runtime's first process while it lives."""
        return self.site.process_of(known.record)

    def ending_of(self, known: KnownRuntime) -> str:
        """In words how its first process ended; empty when that is not known."""
        return self._watch.ending_of(known.record.pid) if known.record.pid else ""

    def from_before(self) -> Sequence[str]:
        """The labs that run as they were started by an earlier service, less confined than
        labs are now."""
        return [one.record.uid for one in self._known.values() if self._is_from_before(one)]

    def _is_from_before(self, known: KnownRuntime) -> bool:
        record, now = known.record, self.site.isolation
        if record.stopped or self.process_of(known) is None:
            return False
        root_then = now.confinement.accounts is not None and not record.account
        return root_then or not record.isolation.startswith(now.health.isolation)

    async def start(self, start: Start, *, tries: int = 1) -> None:
        """Start the runtime on a free port. Nothing of an older one must run."""
        request = start.request
        record = RuntimeRecord(
            lab=request.lab,
            uid=request.uid,
            revision=request.revision,
            template=request.template,
            spec_hash=spec_hash(request),
            port=self._sources.choose_port(),
            isolation=self.site.isolation.label,
            boot_id=self.site.boot,
            owner=self.site.owner,
            position=request.position,
            access=start.definition.access,
        )
        known = self._know(record, start)
        known.tries, known.starting = tries, True
        try:
            known.record = await self._workers.run_for(request.uid, self._spawn, known, start)
        finally:
            known.starting = False
        self._watch_over(known)

    async def start_elsewhere(self, known: KnownRuntime) -> bool:
        """Start it on another port when it ended because its port was taken; whether so. One that
        was stopped stays so."""
        if known.start is None or known.record.ready or known.tries >= _TRIES_AT_PORTS:
            return False
        if self._known.get(known.record.uid) is not known:
            return True
        if known.closed or not is_taken(known.record.port):
            return False
        await self.stop(known.record.uid, grace=0)
        await self.start(known.start, tries=known.tries + 1)
        return True

    async def stop(self, uid: str, *, grace: float) -> int:
        """End every process of the lab and return how many there were, those of earlier tries
        included."""
        known = self._known.get(uid)
        record = None
        if known is not None:
            async with known.writing:
                known.closed = True
            record = known.record
            self._watch.forget(record.pid)

        def aside(work: Callable[[], _Result]) -> Awaitable[_Result]:
            return self._workers.end(uid, work)

        await aside(lambda: self.site.weigh(uid, Share.HURRIED))
        ended = await stop_processes(
            uid,
            lambda: self.site.processes_of(uid, record),
            lambda: self.site.kill_at_once(uid, record),
            aside,
            grace=grace,
        )
        if known is not None:
            known.ended = ended = known.ended + ended
        await self._workers.end(uid, self.site.dissolve, uid, record)
        if record is not None:
            self._watch.forget(record.pid)
        return ended

    async def note_ready(self, known: KnownRuntime) -> None:
        """Write down that the runtime answers, and the first process of its sandbox; nothing
        when it is being stopped."""
        async with known.writing:
            if not known.closed:
                uid = known.record.uid
                known.record = await self._workers.run_for(uid, self._completed, known)

    async def note_stopped(self, known: KnownRuntime) -> None:
        """Write down that nothing of the runtime runs and that its files are kept."""
        known.record = msgspec.structs.replace(known.record, stopped=True)
        known.ended = 0
        async with known.writing:
            uid = known.record.uid
            await self._workers.run_for(uid, _write_if_there, known.files, known.record)

    def forget(self, uid: str) -> None:
        """Know nothing of the lab any more."""
        self._known.pop(uid, None)

    def close(self) -> None:
        """Watch nothing any more; everything goes on running."""
        self._watch.close()
        self.site.close()

    def _know(self, record: RuntimeRecord, start: Start | None) -> KnownRuntime:
        site, uid = self.site, record.uid
        door = Door(record.port, lambda: site.processes_of(uid, known.record))
        known = KnownRuntime(record, site.files_of(uid), door, start)
        self._known[uid] = known
        return known

    def _spawn(self, known: KnownRuntime, start: Start) -> RuntimeRecord:
        files = known.files
        files.make()
        account = self.site.account_for(files)
        begun = msgspec.structs.replace(known.record, account=account)
        files.write_record(begun)
        files.write_token(self._sources.new_token())
        files.fill(start.definition, account)
        launch = Launch(
            request=start.request,
            definition=start.definition,
            files=files,
            owner=self.site.owner,
            port=known.record.port,
            confinement=self.site.isolation.confinement,
            account=account,
        )
        started = launch.start()
        try:
            record = self._identified(begun, started.pid)
            files.write_record(record)
            launch.limit(started)
            started.let_go()
        finally:
            started.close()
        return record

    def _identified(self, record: RuntimeRecord, pid: int) -> RuntimeRecord:
        # It waits to be let go, so what is written down here is known before it does anything.
        process = read_process(pid)
        return msgspec.structs.replace(
            record,
            pid=pid,
            start_time=0 if process is None else process.start_time,
            group=self.site.groups.enter(record.uid, pid),
        )

    def _completed(self, known: KnownRuntime) -> RuntimeRecord:
        full = msgspec.structs.replace(self.site.with_init(known.record), ready=True)
        _write_if_there(known.files, full)
        self.site.weigh(full.uid, Share.USUAL)
        return full

    def _weigh_adopted(self) -> None:
        for uid, known in self._known.items():
            if known.record.ready:  # an earlier service may have died before it said so
                self.site.weigh(uid, Share.USUAL)

    def _watch_over(self, known: KnownRuntime) -> None:
        process = self.process_of(known)
        if process is not None and not known.record.stopped:
            uid = known.record.uid
            self._watch.watch(process, lambda: self._exits.add(uid))


def _write_if_there(files: LabFiles, record: RuntimeRecord) -> None:
    with suppress(FileNotFoundError):
        files.write_record(record)
