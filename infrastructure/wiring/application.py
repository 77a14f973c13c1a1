"""What the HTTP side works with."""

from dataclasses import dataclass

from application.control.assembly import Control
from application.mediator.mediator import Mediator
from application.ports.clock import Clock, Randomness
from application.ports.templates import TemplateCatalog
from application.projections.object_feed import ApiObjectFeed
from application.projections.watch_feed import WatchFeed
from infrastructure.telemetry.exposition import Exposition
from infrastructure.wiring.readiness import ReadinessChecks


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The running service without its HTTP side."""

    mediator: Mediator
    watch_feed: WatchFeed
    object_feed: ApiObjectFeed
    templates: TemplateCatalog
    clock: Clock
    randomness: Randomness
    exposition: Exposition
    readiness: ReadinessChecks
    control: Control
