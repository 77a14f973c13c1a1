"""The category of labs: streams `labinstance-<namespace>/<name>`."""

from application.event_log.category import Category
from application.ports.event_store import RecordedEvent
from application.ports.views import LabInstanceView
from domain.api_object.events import ApiObjectEvent
from domain.lab_instance.events import LabInstanceCreated
from domain.lab_instance.evolve import evolve
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState

_PREFIX = "labinstance-"


def stream_of(key: LabKey) -> str:
    """The stream of the lab."""
    return f"{_PREFIX}{key.namespace}/{key.name}"


def is_lab_stream(stream: str) -> bool:
    """Whether a stream is one of a lab."""
    return stream.startswith(_PREFIX)


def key_of(stream: str) -> LabKey:
    """The lab that a stream of `stream_of` belongs to."""
    namespace, _, name = stream.removeprefix(_PREFIX).partition("/")
    return LabKey(namespace, name)


def next_view(view: LabInstanceView | None, recorded: RecordedEvent) -> LabInstanceView | None:
    """The view after `recorded`: the same one when the event changes nothing to be seen.
    A deleted lab keeps a view in the state deleted."""
    event = recorded.event
    if isinstance(event, ApiObjectEvent):
        return view
    before = view.lab if view else None
    after = evolve(before, event)
    if after is None or after == before:
        return view
    return LabInstanceView(lab=after, resource_version=recorded.position)


LABS: Category[LabKey, LabInstanceView] = Category(
    stream_of=stream_of,
    key_of=key_of,
    holds=lambda event: not isinstance(event, ApiObjectEvent),
    begins=LabInstanceCreated,
    next_view=next_view,
    is_gone=lambda view: view.lab.state is LabState.DELETED,
    version_of=lambda view: view.resource_version,
)
