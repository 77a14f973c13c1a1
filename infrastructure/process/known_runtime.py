"""What the service knows of a runtime beside its record, and what it is started from."""

import asyncio
import math
from dataclasses import dataclass, field

from application.ports.provisioner import RuntimeRequest
from infrastructure.process.doors import Door
from infrastructure.process.files import LabFiles
from infrastructure.process.record import RuntimeRecord
from infrastructure.templates.definition import TemplateDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What is started, as often as it takes to find a free port."""

    request: RuntimeRequest
    definition: TemplateDefinition


@dataclass(slots=True)
class KnownRuntime:
    """A record and what only this process knows beside it. `start` is None for a runtime
    adopted from an earlier service. `strangers` counts the probes in a row that met a stranger
    at its port; `closed` once it is stopped: nothing more is noted of it then. `ended` counts
    the processes that the stop under way has ended, however often it had to be begun. `over`:
    in words, what of the disk it takes too much of; empty as long as it does not. `unseen`:
    whether it could not be measured the last time."""

    record: RuntimeRecord
    files: LabFiles
    door: Door
    start: Start | None = None
    starting: bool = False
    tries: int = 1
    closed: bool = False
    ended: int = 0
    missed_probes: int = 0
    strangers: int = 0
    slow: bool = False
    asking: "asyncio.Task[None] | None" = None
    files_gone: bool = False
    over: str = ""
    unseen: bool = False
    asked_at: float = -math.inf
    answered_at: float = -math.inf
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
