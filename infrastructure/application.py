"""What the HTTP side works with."""

from dataclasses import dataclass

from application.control.assembly import Control
from application.documents.feed import DocumentFeed
from application.mediator import Mediator
from application.ports.clock import Clock, Randomness
from application.ports.templates import TemplateCatalog
from application.watch_feed import WatchFeed
from infrastructure.readiness import ReadinessChecks
from infrastructure.telemetry.exposition import Exposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The running service without its HTTP side."""

    mediator: Mediator
    watch_feed: WatchFeed
    document_feed: DocumentFeed
    templates: TemplateCatalog
    clock: Clock
    randomness: Randomness
    exposition: Exposition
    readiness: ReadinessChecks
    control: Control
