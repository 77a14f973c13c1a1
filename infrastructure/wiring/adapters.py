"""Opens the adapters that the settings name, and closes them again."""

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from application.ports.clock import Clock, Randomness
from application.ports.provisioner import Provisioner
from application.ports.templates import TemplateCatalog
from infrastructure.data_directory.claim import DataDirectory
from infrastructure.data_directory.replica_name import replica_name
from infrastructure.process.provisioner import ProcessProvisioner
from infrastructure.process.settings import ProcessSettings
from infrastructure.settings import Settings
from infrastructure.simulated.provisioner import SimulatedProvisioner
from infrastructure.system_clock import SystemClock, SystemRandomness
from infrastructure.templates.catalog import FileTemplateCatalog, load_catalog
from infrastructure.wiring.stores import Stores, open_stores

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Adapters(Stores):
    """One adapter for each port, and what this replica is called."""

    provisioner: Provisioner
    templates: TemplateCatalog
    clock: Clock
    randomness: Randomness
    replica: str


@asynccontextmanager
async def open_adapters(settings: Settings) -> AsyncIterator[Adapters]:
    """The adapters, open until the context ends. Raises Unusable, having left nothing open."""
    if settings.provisioner == "process" and settings.shards > 1:
        log.warning("labs that are processes stay on the machine where they were brought up")
    clock, randomness = SystemClock(), SystemRandomness()
    async with AsyncExitStack() as stack:
        directory = DataDirectory.claim(settings.data_dir)
        stack.callback(directory.release)
        stores = await open_stores(settings, clock, stack, held=directory.lock)
        templates = load_catalog(
            lab_python=settings.runtime_python, directory=settings.templates_dir
        )
        provisioner = _provisioner(settings, templates, randomness)
        stack.push_async_callback(provisioner.close)
        yield Adapters(
            **vars(stores),
            provisioner=provisioner,
            templates=templates,
            clock=clock,
            randomness=randomness,
            replica=replica_name(settings.data_dir),
        )


def _provisioner(
    settings: Settings, templates: FileTemplateCatalog, randomness: Randomness
) -> Provisioner:
    match settings.provisioner:
        case "process":
            return ProcessProvisioner(
                ProcessSettings(data_dir=settings.data_dir, lab_python=settings.runtime_python),
                templates,
                new_token=partial(secrets.token_urlsafe, 32),
            )
        case "simulated":
            return SimulatedProvisioner(
                delay=settings.simulated_delay.total_seconds(),
                failure_rate=settings.simulated_failure_rate,
                randomness=randomness,
                state_file=settings.data_dir / "simulated.jsonl",
            )
