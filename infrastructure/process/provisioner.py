"""The provisioner whose labs are processes of this machine: the port, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from application.ports.provisioner import (
    Health,
    ProvisionerUnavailable,
    Runtime,
    RuntimeNotFound,
    RuntimeRefused,
    RuntimeRequest,
)
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Absent, Ended, Observation, Starting
from infrastructure.exit_hints import ExitHints
from infrastructure.process.files import is_uid
from infrastructure.process.lab_log import read_tail
from infrastructure.process.launch import refuse_bad_environment
from infrastructure.process.observer import Observer
from infrastructure.process.one_at_a_time import OneAtATime
from infrastructure.process.ports import LOOPBACK, free_port
from infrastructure.process.runtimes import KnownRuntime, Runtimes, Sources, Start
from infrastructure.process.settings import ProcessSettings
from infrastructure.process.site import open_site
from infrastructure.process.sweep import Tree, sweep
from infrastructure.process.workers import Workers
from infrastructure.templates.catalog import FileTemplateCatalog
from infrastructure.templates.definition import TemplateDefinition

_NO_LAB = ""


class ProcessProvisioner:
    """Runs each lab as a process tree with a directory, a port and a secret of its own.

    `new_token` makes the secrets; `choose_port` proposes ports. Labs that an earlier one on
    the same data directory has started are known from the first call on.
    """

    name = "process"
    shared = False

    def __init__(
        self,
        settings: ProcessSettings,
        catalog: FileTemplateCatalog,
        *,
        new_token: Callable[[], str],
        choose_port: Callable[[], int] = free_port,
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._sources = Sources(
            new_token=new_token,
            choose_port=choose_port,
        )
        self._workers = Workers()
        self._exits = ExitHints()
        self._alone = OneAtATime()
        self._ground: tuple[Runtimes, Observer] | None = None

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
        runtimes, _ = await self._open()
        known = runtimes.known.get(uid)
        if known is not None:
            return await self._look(known)
        tree = (await self._workers.run(sweep, runtimes.site.owner)).get(uid)
        return Absent() if tree is None else _orphaned(tree)

    async def list(self) -> Sequence[Runtime]:
        """Known runtimes, processes without a record, and directories without either."""
        runtimes, _ = await self._open()
        known = dict(runtimes.known)
        trees = await self._workers.run(sweep, runtimes.site.owner)
        unrecorded = await self._workers.run(runtimes.site.unrecorded, known.keys())
        seen = await asyncio.gather(*(self._look(one) for one in known.values()))
        found = {
            uid: Runtime(lab=one.record.lab, uid=uid, observation=what)
            for (uid, one), what in zip(known.items(), seen, strict=True)
            if uid in runtimes.known
        }
        for uid, tree in trees.items():
            if uid not in runtimes.known:
                found.setdefault(uid, _runtime(uid, tree.lab, _orphaned(tree)))
        for uid in unrecorded:
            if uid not in runtimes.known:
                found.setdefault(uid, _runtime(uid, "", Absent()))
        return tuple(found.values())

    async def terminate(self, uid: str, *, keep_files: bool) -> str:
        """Stop the tree, look whether anything is left, then remove or keep the files."""
        await self._open()
        return await self._alone.run(uid, lambda: self._take_down(uid, keep_files=keep_files))

    async def logs(self, uid: str, *, tail: int) -> str:
        """The last lines of its log, without its token."""
        runtimes, _ = await self._open()
        known = runtimes.known.get(uid)
        if known is None:
            raise RuntimeNotFound(uid)
        secret = await self._workers.run(known.files.read_token)
        return await self._workers.run(read_tail, known.files.log, lines=tail, secret=secret)

    async def access(self, uid: str) -> str:
        """The link with the token, while the process lives."""
        runtimes, _ = await self._open()
        known = runtimes.known.get(uid)
        if known is None or known.record.stopped or runtimes.process_of(known) is None:
            raise RuntimeNotFound(uid)
        definition = self._catalog.definitions.get(known.record.template)
        token = await self._workers.run(known.files.read_token)
        if not token:
            raise RuntimeNotFound(uid)  # such a link would open nothing
        path = "/" if definition is None else definition.access.format(token=token)
        return f"http://{LOOPBACK}:{known.record.port}{path}"

    async def open(self) -> Health:
        """Find out how labs are confined here, before there is one. Raises IsolationRefused, or
        ProvisionerUnavailable, which later calls may not meet any more."""
        runtimes, _ = await self._open()
        return _health(runtimes)

    async def probe(self) -> Health:
        """The level of isolation, when the labs' directory can be written to."""
        runtimes, _ = await self._open()
        await self._workers.run(_try_to_write, runtimes)
        return _health(runtimes)

    def exits(self) -> AsyncIterator[str]:
        """Uids whose first process ended."""
        return self._exits

    async def close(self) -> None:
        """Finish what was begun and let go of everything; the labs go on."""
        await self._alone.finish()
        if self._ground is not None:
            runtimes, observer = self._ground
            runtimes.close()
            await observer.close()
        self._workers.close()

    async def _open(self) -> tuple[Runtimes, Observer]:
        if self._ground is not None:
            return self._ground
        return await self._alone.run(_NO_LAB, self._break_ground)

    async def _break_ground(self) -> tuple[Runtimes, Observer]:
        if self._ground is not None:
            return self._ground
        site = await self._workers.run(open_site, self._settings)
        runtimes = Runtimes(site, self._sources, self._workers, self._exits)
        await runtimes.adopt()
        definitions = self._catalog.definitions
        observer = Observer(self._settings, definitions, runtimes, self._workers)
        self._ground = runtimes, observer
        return self._ground

    def _definition(self, template: str) -> TemplateDefinition:
        listed = self._catalog.get(template)
        if listed is None:
            raise RuntimeRefused("UnknownTemplate", f"no template {template!r}", permanent=True)
        if listed.unavailable:
            raise RuntimeRefused("TemplateUnavailable", listed.unavailable, permanent=True)
        return self._catalog.definitions[template]

    async def _bring_up(self, start: Start) -> None:
        runtimes, observer = await self._open()
        request = start.request
        known = runtimes.known.get(request.uid)
        if known is not None and not known.record.stopped:
            revision = known.record.revision
            up = revision == request.revision and observer.answers(known)
            if up or revision > request.revision:
                return
        await runtimes.stop(request.uid, grace=self._settings.grace)
        await runtimes.start(start)

    async def _look(self, known: KnownRuntime) -> Observation:
        runtimes, observer = await self._open()
        seen = await observer.look(known)
        if isinstance(seen, Ended) and observer.has_ended_early(known):
            uid = known.record.uid
            if await self._alone.run(uid, lambda: runtimes.start_elsewhere(known)):
                return Starting(revision=known.record.revision)
        return seen

    async def _take_down(self, uid: str, *, keep_files: bool) -> str:
        runtimes, _ = await self._open()
        ended = await runtimes.stop(uid, grace=self._settings.grace)
        proof = f"processes ended: {ended}; a sweep of /proc finds none of this lab"
        known = runtimes.known.get(uid)
        if keep_files:
            if known is not None:
                await runtimes.note(known, stopped=True)
            return f"{proof}; its files are kept"
        removed = is_uid(uid) and await runtimes.remove(uid)
        if not ended and not removed:
            return "there was nothing to remove: no directory, and a sweep of /proc finds none"
        return f"{proof}; its directory is removed"


def _orphaned(tree: Tree) -> Ended:
    return Ended(
        revision=tree.revision,
        reason="Orphaned",
        message=f"{len(tree.processes)} processes run that no record tells of",
    )


def _runtime(uid: str, lab: str, observation: Observation) -> Runtime:
    namespace, _, name = lab.partition("/")
    return Runtime(lab=LabKey(namespace, name), uid=uid, observation=observation)


def _health(runtimes: Runtimes) -> Health:
    health = runtimes.site.isolation.health
    before = runtimes.from_before()
    if not before:
        return health
    told = (
        f"labs of an earlier start run as they were confined then ({len(before)}): "
        "restart them to have them confined as new ones are"
    )
    return replace(health, message="; ".join(filter(None, [health.message, told])))


def _try_to_write(runtimes: Runtimes) -> None:
    trial = runtimes.site.root / ".probe"
    try:
        runtimes.site.keep()
        trial.touch()
        trial.unlink(missing_ok=True)
    except OSError as error:
        raise ProvisionerUnavailable(f"{trial.parent} cannot be written to") from error
