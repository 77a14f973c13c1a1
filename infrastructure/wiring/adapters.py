"""Opens the adapters that the settings name, and closes them again."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic

from application.ports.clock import Clock, Randomness
from application.ports.provisioner import Provisioner, ProvisionerUnavailable
from application.ports.templates import TemplateCatalog
from application.ports.unknown_labs import UnknownLabs
from infrastructure.data_directory.claim import DataDirectory
from infrastructure.data_directory.replica_name import replica_name
from infrastructure.data_directory.unknown_labs import UnknownLabFiles
from infrastructure.process.provisioner import ProcessProvisioner
from infrastructure.process.settings import ProcessSettings
from infrastructure.settings import Settings
from infrastructure.simulated.provisioner import SimulatedProvisioner
from infrastructure.steady_clock import SteadyClock
from infrastructure.system_clock import SystemClock, SystemRandomness
from infrastructure.templates.catalog import FileTemplateCatalog, load_catalog
from infrastructure.wiring.notary import Notary
from infrastructure.wiring.proving import notary_of
from infrastructure.wiring.stores import Stores, open_stores

log = logging.getLogger(__name__)
_CLOCK_IS_CONFIRMED_AFTER = 30.0


@dataclass(frozen=True, kw_only=True)
class Adapters(Stores):
    """One adapter for each port, and what this replica is called."""

    provisioner: Provisioner
    unknown_labs: UnknownLabs
    templates: TemplateCatalog
    clock: Clock
    randomness: Randomness
    replica: str
    notary: Notary | None = None


@asynccontextmanager
async def open_adapters(settings: Settings) -> AsyncIterator[Adapters]:
    """The adapters, open until the context ends. Raises Unusable, having left nothing open."""
    if settings.provisioner == "process" and settings.shards > 1:
        log.warning("labs that are processes stay on the machine where they were brought up")
    clock = SteadyClock(SystemClock(), monotonic, confirmed_after=_CLOCK_IS_CONFIRMED_AFTER)
    randomness = SystemRandomness()
    async with AsyncExitStack() as stack:
        directory = DataDirectory.claim(settings.data_dir)
        stack.callback(directory.release)
        stores = await open_stores(settings, clock, stack, held=directory.lock)
        notary = await asyncio.to_thread(notary_of, settings, stores, directory)
        templates = await asyncio.to_thread(
            load_catalog, lab_python=settings.runtime_python, directory=settings.templates_dir
        )
        provisioner = await asyncio.to_thread(_provisioner, settings, templates, clock, randomness)
        stack.push_async_callback(provisioner.close)
        if isinstance(provisioner, ProcessProvisioner):
            await _confine(provisioner)
        yield Adapters(
            **vars(stores),
            provisioner=provisioner,
            unknown_labs=UnknownLabFiles(settings.data_dir),
            templates=templates,
            clock=clock,
            randomness=randomness,
            replica=replica_name(settings.data_dir),
            notary=notary,
        )


def process_settings(settings: Settings) -> ProcessSettings:
    """What of the settings concerns labs that are processes."""
    return ProcessSettings(
        data_dir=settings.data_dir,
        lab_python=settings.runtime_python,
        isolation=settings.isolation,
        work_retention=settings.work_retention,
        disk_reserve_mib=settings.disk_reserve,
    )


async def _confine(provisioner: ProcessProvisioner) -> None:
    """Find out how labs are confined before anybody can ask for one. Raises IsolationRefused."""
    try:
        health = await provisioner.open()
    except ProvisionerUnavailable as outage:  # it is tried again with the first lab
        log.warning("labs cannot be started now", extra={"reason": outage.reason})
        return
    if health.message:
        log.warning(health.message)


def _provisioner(
    settings: Settings, templates: FileTemplateCatalog, clock: Clock, randomness: Randomness
) -> Provisioner:
    match settings.provisioner:
        case "process":
            return ProcessProvisioner(
                process_settings(settings),
                templates,
                new_token=partial(secrets.token_urlsafe, 32),
                now=clock.now,
            )
        case "simulated":
            return SimulatedProvisioner(
                delay=settings.simulated_delay.total_seconds(),
                failure_rate=settings.simulated_failure_rate,
                randomness=randomness,
                state_file=settings.data_dir / "simulated.jsonl",
            )
