"""The paths of Events, in both of their groups."""

from collections.abc import Mapping, Sequence

from api.kubernetes.events.documents import of_events_group
from api.kubernetes.events.lab_events import LabEvents
from api.kubernetes.events.reads import EventReads
from api.kubernetes.events.source import EventSource, Sources
from api.kubernetes.events.telling import EventTelling
from api.kubernetes.kinds import EVENTS, NEW_EVENTS
from api.routing import Methods
from api.services import Services


def event_paths(services: Services) -> Mapping[str, Methods]:
    """All paths of Events."""
    sources = Sources(_sources(services))
    paths: dict[str, Methods] = {}
    for telling in (EventTelling(EVENTS, dict), EventTelling(NEW_EVENTS, of_events_group)):
        reads = EventReads(services, sources, telling)
        kind = telling.kind
        collection = f"{kind.base}/namespaces/{{namespace}}/{kind.plural}"
        paths[f"{kind.base}/{kind.plural}"] = {"GET": reads.list_or_watch}
        paths[collection] = {"GET": reads.list_or_watch}
        paths[f"{collection}/{{name}}"] = {"GET": reads.get}
    return paths


def _sources(services: Services) -> Sequence[EventSource]:
    """Every source of Events."""
    return [LabEvents(services.mediator, services.clock)]
