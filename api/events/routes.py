"""The paths of Events, in both of their groups."""

from collections.abc import Mapping, Sequence

from api.events.fact_documents import of_events_group
from api.events.lab_events import LabEvents
from api.events.posted import EVENT_OBJECTS, NEW_EVENT_OBJECTS
from api.events.presenter import EventPresenter
from api.events.reads import EventReads
from api.events.source import EventSource, EventSources
from api.events.written_events import WrittenEvents
from api.http.routing import Methods
from api.kubernetes.kinds import EVENTS, NEW_EVENTS
from api.objects.routes import object_paths
from api.services import Services


def event_paths(services: Services) -> Mapping[str, Methods]:
    """The paths of Events: written as every object is, read together with what the log tells."""
    written = object_paths(services, (EVENT_OBJECTS, NEW_EVENT_OBJECTS))
    read = _reading_paths(services)
    return {path: {**methods, **read[path]} for path, methods in written.items()}


def _reading_paths(services: Services) -> Mapping[str, Methods]:
    sources = EventSources(_sources(services))
    paths: dict[str, Methods] = {}
    for presenter in (EventPresenter(EVENTS, dict), EventPresenter(NEW_EVENTS, of_events_group)):
        reads = EventReads(services, sources, presenter)
        kind = presenter.kind
        collection = f"{kind.base}/namespaces/{{namespace}}/{kind.plural}"
        paths[f"{kind.base}/{kind.plural}"] = {"GET": reads.list_or_watch}
        paths[collection] = {"GET": reads.list_or_watch}
        paths[f"{collection}/{{name}}"] = {"GET": reads.get}
    return paths


def _sources(services: Services) -> Sequence[EventSource]:
    """Every source of Events."""
    return [LabEvents(services.mediator, services.clock), WrittenEvents(services)]
