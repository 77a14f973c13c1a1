"""The category of API objects: streams `labnamespace-<name>`, `lablease-<namespace>/<name>` and
`labevent-<namespace>/<name>`. They begin as those of labs do, since others may keep streams in
the same store."""

from typing import TypeGuard

from application.event_log.category import Category
from application.ports.event_store import RecordedEvent
from application.ports.views import ApiObjectView
from domain.api_object.events import ApiObjectDeclared, ApiObjectEvent
from domain.api_object.evolve import evolve
from domain.api_object.key import ApiObjectKey, ApiObjectKind

_PREFIX = "lab"


def stream_of(key: ApiObjectKey) -> str:
    """The stream of the object."""
    inside = f"{key.namespace}/" if key.namespace else ""
    return f"{_PREFIX}{key.kind.value}-{inside}{key.name}"


def key_of(stream: str) -> ApiObjectKey:
    """The object that a stream of `stream_of` belongs to."""
    kind, _, place = stream.removeprefix(_PREFIX).partition("-")
    namespace, _, name = place.rpartition("/")
    return ApiObjectKey(kind=ApiObjectKind(kind), namespace=namespace, name=name)


def is_api_object_event(event: object) -> TypeGuard[ApiObjectEvent]:
    """Whether the event is about an API object, and not about a lab."""
    return isinstance(event, ApiObjectEvent)


def next_view(view: ApiObjectView | None, recorded: RecordedEvent) -> ApiObjectView | None:
    """The view after `recorded`. One that is gone keeps a view that says so."""
    event = recorded.event
    if not is_api_object_event(event):
        return view
    after = evolve(view.api_object if view else None, event)
    if after is None:
        return view
    return ApiObjectView(api_object=after, resource_version=recorded.position)


API_OBJECTS: Category[ApiObjectKey, ApiObjectView] = Category(
    stream_of=stream_of,
    key_of=key_of,
    holds=is_api_object_event,
    begins=ApiObjectDeclared,
    next_view=next_view,
    is_gone=lambda view: view.api_object.removed,
    version_of=lambda view: view.resource_version,
)
