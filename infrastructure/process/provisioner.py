"""The provisioner whose labs are processes of this machine: the port, put together."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime

from application.ports.provisioner import (
    Health,
    Runtime,
    RuntimeNotFound,
    RuntimeRefused,
    RuntimeRequest,
    SetAside,
)
from application.structures.pieces import in_pieces
from domain.lab_instance.observation import Absent, Ended, Observation, Starting
from infrastructure.exit_hints import ExitHints
from infrastructure.process.disk_reserve import refuse_without_room, shortage
from infrastructure.process.endings import put_aside, take_down
from infrastructure.process.files import is_uid
from infrastructure.process.ground import (
    Ground,
    health_of,
    observe_unrecorded,
    open_ground,
    try_to_write,
    unrecorded_runtimes,
)
from infrastructure.process.known_runtime import KnownRuntime, Start
from infrastructure.process.lab_log import read_tail
from infrastructure.process.launch import refuse_bad_environment
from infrastructure.process.one_at_a_time import OneAtATime
from infrastructure.process.ports import LOOPBACK, free_port
from infrastructure.process.runtimes import Sources
from infrastructure.process.settings import ProcessSettings
from infrastructure.process.workers import LabFilesTroubled, Workers
from infrastructure.templates.catalog import FileTemplateCatalog
from infrastructure.templates.definition import TemplateDefinition

_NO_LAB = ""
_PATIENCE = 0.25
_AT_ONCE = 50


class ProcessProvisioner:
    """Runs each lab as a process tree with a directory, a port and a secret of its own.

    `new_token` makes the secrets, `choose_port` proposes ports, `now` is the clock's. Labs that
    an earlier one on the same data directory has started are known from the first call on.
    """

    name = "process"
    shared = False

    def __init__(
        self,
        settings: ProcessSettings,
        catalog: FileTemplateCatalog,
        *,
        new_token: Callable[[], str],
        now: Callable[[], datetime],
        choose_port: Callable[[], int] = free_port,
    ) -> None:
        self._now = now
        self._settings = settings
        self._catalog = catalog
        self._sources = Sources(
            new_token=new_token,
            choose_port=choose_port,
        )
        self._workers = Workers()
        self._exits = ExitHints()
        self._alone = OneAtATime()
        self._ground: Ground | None = None

    async def ensure(self, request: RuntimeRequest) -> None:
        """Begin to bring up the runtime, unless it is up or a newer one is known."""
        start = Start(request=request, definition=self._definition(request.template))
        refuse_bad_environment(request.environment)
        if not is_uid(request.uid):
            raise RuntimeRefused("InvalidUid", f"{request.uid!r} is no uid", permanent=True)
        await self._open()
        await self._alone.run(request.uid, lambda: self._bring_up(start))

    async def observe(self, uid: str) -> Observation:
        """What its process and, now and then, its server say."""
        ground = await self._open()
        known = ground.runtimes.known.get(uid)
        if known is not None:
            return await self._look(known, patience=_PATIENCE)
        if not is_uid(uid):
            return Absent()
        return await self._workers.run_for(uid, observe_unrecorded, ground.runtimes.site, uid)

    async def list(self, *, only: Collection[str] | None = None) -> Sequence[Runtime]:
        """Known runtimes, and what directories and control groups without a record hold."""
        runtimes = (await self._open()).runtimes
        known = tuple(runtimes.known.values())
        unrecorded = await self._workers.run(unrecorded_runtimes, runtimes.site, known)
        wanted = [one for one in known if only is None or one.record.uid in only]
        listed = [await self._listed(one) async for one in in_pieces(wanted, size=_AT_ONCE)]
        found = {one.uid: one for one in listed if one is not None}
        for one in unrecorded:
            if one.uid not in runtimes.known and (only is None or one.uid in only):
                found[one.uid] = one
        return tuple(found.values())

    async def terminate(self, uid: str, *, keep_files: bool) -> str:
        """Stop the tree, look whether anything is left, then remove or keep the files."""
        ground, grace = await self._open(), self._settings.grace
        return await self._alone.run(
            uid, lambda: take_down(ground, uid, grace=grace, keep_files=keep_files)
        )

    async def set_aside(self, uid: str) -> SetAside:
        """Stop the tree as `terminate` does, then move the directory."""
        ground, grace = await self._open(), self._settings.grace
        return await self._alone.run(uid, lambda: put_aside(ground, uid, grace=grace))

    async def clear_aside(self) -> None:
        """Remove what was kept for its time."""
        await (await self._open()).aside.clear()

    async def logs(self, uid: str, *, tail: int) -> str:
        """The last lines of its log, without its token."""
        known = (await self._open()).runtimes.known.get(uid)
        if known is None:
            raise RuntimeNotFound(uid)
        secret = await self._workers.run_for(uid, known.files.read_token)
        return await self._workers.run_for(
            uid, read_tail, known.files.log, lines=tail, secret=secret
        )

    async def access(self, uid: str) -> str:
        """The link with the token, while the lab itself listens at its port."""
        ground = await self._open()
        known = ground.runtimes.known.get(uid)
        if known is None or known.record.stopped or ground.runtimes.process_of(known) is None:
            raise RuntimeNotFound(uid)
        form = known.record.access or self._access_now(known.record.template)
        token = await self._workers.run_for(uid, known.files.read_token)
        if not form or not token or not await ground.observer.opens(known):
            raise RuntimeNotFound(uid)  # such a link would open nothing, or another's door
        return f"http://{LOOPBACK}:{known.record.port}{form.replace('{token}', token)}"

    async def open(self) -> Health:
        """Find out how labs are confined here, before there is one. Raises IsolationRefused, or
        ProvisionerUnavailable, which later calls may not meet any more."""
        return await self._health(await self._open())

    async def probe(self) -> Health:
        """The level of isolation, when the labs' directory can be written to."""
        ground = await self._open()
        await self._workers.run(try_to_write, ground.runtimes.site)
        return await self._health(ground)

    def exits(self) -> AsyncIterator[str]:
        """Uids whose first process ended."""
        return self._exits

    async def close(self) -> None:
        """Finish what was begun and let go of everything; the labs go on."""
        if self._ground is not None:
            await self._ground.departures.close()
            await self._ground.aside.close()
            await self._ground.disk.close()
        await self._alone.finish()
        if self._ground is not None:
            self._ground.runtimes.close()
            await self._ground.observer.close()
        self._workers.close()

    async def _open(self) -> Ground:
        if self._ground is not None:
            return self._ground
        return await self._alone.run(_NO_LAB, self._break_ground)

    async def _health(self, ground: Ground) -> Health:
        reserve = self._settings.disk_reserve_mib
        short = await self._workers.run(shortage, ground.runtimes.site.root, reserve)
        return health_of(ground, short)

    async def _break_ground(self) -> Ground:
        if self._ground is not None:
            return self._ground
        self._ground = await open_ground(
            self._settings,
            self._sources,
            workers=self._workers,
            exits=self._exits,
            definitions=self._catalog.definitions,
            now=self._now,
        )
        return self._ground

    def _definition(self, template: str) -> TemplateDefinition:
        listed = self._catalog.get(template)
        if listed is None:
            raise RuntimeRefused("UnknownTemplate", f"no template {template!r}", permanent=True)
        if listed.unavailable:
            raise RuntimeRefused("TemplateUnavailable", listed.unavailable, permanent=True)
        return self._catalog.definitions[template]

    def _access_now(self, template: str) -> str:
        """What records of earlier versions lack; empty when there is no such template any more."""
        definition = self._catalog.definitions.get(template)
        return "" if definition is None else definition.access

    async def _bring_up(self, start: Start) -> None:
        ground = await self._open()
        request = start.request
        known = ground.runtimes.known.get(request.uid)
        if known is not None and not known.record.stopped:
            revision = known.record.revision
            up = revision == request.revision and ground.observer.answers(known)
            if up or revision > request.revision:
                return
        grace, reserve = self._settings.grace, self._settings.disk_reserve_mib
        if known is not None and known.over:
            await ground.runtimes.stop(request.uid, grace=grace)
            await ground.disk.refuse_over(known)
        await self._workers.run(refuse_without_room, ground.runtimes.site.root, reserve)
        await ground.runtimes.stop(request.uid, grace=grace)
        try:
            await ground.runtimes.start(start)
        except LabFilesTroubled as trouble:
            raise RuntimeRefused("FilesTroubled", str(trouble), permanent=False) from trouble

    async def _look(self, known: KnownRuntime, *, patience: float) -> Observation:
        ground = await self._open()
        seen = await ground.observer.look(known, patience=patience)
        if ground.observer.must_move(known):
            uid = known.record.uid
            if await self._alone.run(uid, lambda: ground.runtimes.start_elsewhere(known)):
                return Starting(revision=known.record.revision)
        return seen

    async def _listed(self, known: KnownRuntime) -> Runtime | None:
        """The known runtime as far as it can be seen at once; None when it is gone meanwhile."""
        record = known.record
        try:
            seen = await (await self._open()).observer.look(known, patience=0)
        except Exception as trouble:  # noqa: BLE001  one lab's trouble must not hide the others
            # Only a hint: who acts on a list looks for himself first, and meets the trouble.
            seen = Ended(revision=record.revision, reason="NotSeen", message=str(trouble))
        if record.uid not in (await self._open()).runtimes.known:
            return None
        return Runtime(lab=record.lab, uid=record.uid, observation=seen, position=record.position)
