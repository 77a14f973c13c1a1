"""What works on the labs' directory, once it is open; and what is there without a record."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.ports.provisioner import Health, ProvisionerUnavailable, Runtime
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Absent, Ended, Observation
from infrastructure.exit_hints import ExitHints
from infrastructure.process.aside import Aside
from infrastructure.process.departures import Departures
from infrastructure.process.disk_watch import DiskWatch
from infrastructure.process.known_runtime import KnownRuntime
from infrastructure.process.left_behind import LeftBehind, left_behind, remark_on
from infrastructure.process.observer import Observer
from infrastructure.process.proc import Process, all_processes
from infrastructure.process.record import RuntimeRecord
from infrastructure.process.runtimes import Runtimes, Sources
from infrastructure.process.settings import ProcessSettings
from infrastructure.process.site import Site, open_site
from infrastructure.process.workers import Workers
from infrastructure.templates.definition import TemplateDefinition

log = logging.getLogger(__name__)

_NAMELESS = LabKey("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The runtimes of one service, who looks at them and measures them, who removes them and who
    keeps what nobody knows."""

    runtimes: Runtimes
    observer: Observer
    disk: DiskWatch
    departures: Departures
    aside: Aside
    left_behind: Sequence[LeftBehind]


async def open_ground(
    settings: ProcessSettings,
    sources: Sources,
    *,
    workers: Workers,
    exits: ExitHints,
    definitions: Mapping[str, TemplateDefinition],
    now: Callable[[], datetime],
) -> Ground:
    """Open the directory and know again what runs. Raises ProvisionerUnavailable."""
    site = await workers.run(open_site, settings)
    runtimes = Runtimes(site, sources, workers, exits)
    await runtimes.adopt()
    found = await workers.run(left_behind, site.root, set(runtimes.known))
    if found:
        log.warning("what labs have left behind still runs", extra={"found": remark_on(found)})
    return Ground(
        runtimes=runtimes,
        observer=Observer(settings, definitions, runtimes, workers),
        disk=DiskWatch(settings.disk_pause, definitions, runtimes, workers, exits),
        departures=Departures(site.root, workers),
        aside=Aside(
            settings.data_dir.resolve(),
            site.root,
            workers,
            retention=settings.work_retention,
            now=now,
        ),
        left_behind=found,
    )


def unrecorded_runtimes(site: Site, known: Collection[KnownRuntime]) -> Sequence[Runtime]:
    """What directories and control groups hold beside the runtimes that are known. Which lab it
    was is said by the record in a directory on its way out; else it is a lab without a name."""
    found = site.unrecorded({one.record.uid for one in known})
    seen = all_processes() if found else {}
    return [
        Runtime(
            lab=_NAMELESS if record is None else record.lab,
            uid=uid,
            observation=_observation(record, site.processes_of(uid, record, seen=seen)),
            position=0 if record is None else record.position,
        )
        for uid, record in found.items()
    ]


def observe_unrecorded(site: Site, uid: str) -> Observation:
    """What is there of a lab without a record."""
    if site.knows_nothing_of(uid):
        return Absent()
    return _observation(None, site.processes_of(uid, None))


def try_to_write(site: Site) -> None:
    """Make sure that the directory of labs can be written to. Raises ProvisionerUnavailable."""
    trial = site.root / ".probe"
    try:
        site.keep()
        trial.touch()
        trial.unlink(missing_ok=True)
    except OSError as error:
        raise ProvisionerUnavailable(f"{trial.parent} cannot be written to") from error


def health_of(ground: Ground, short: str) -> Health:
    """How labs are confined here, how many still are not so, what outlived its lab, and what there
    is too little of on the disk; `short` is empty where there is enough."""
    health = ground.runtimes.site.isolation.health
    before = ground.runtimes.from_before()
    remark = (
        f"labs of an earlier start run as they were confined then ({len(before)}): "
        "restart them to have them confined as new ones are"
    )
    said = [health.message, remark if before else "", remark_on(ground.left_behind)]
    if short:
        said.append(f"no lab is started: {short}")
    return replace(health, message="; ".join(filter(None, said)), full=bool(short))


def _observation(record: RuntimeRecord | None, processes: Sequence[Process]) -> Observation:
    if not processes:
        return Absent()
    return Ended(
        revision=0 if record is None else record.revision,
        reason="Orphaned",
        message=f"{len(processes)} processes run that no record names",
    )
