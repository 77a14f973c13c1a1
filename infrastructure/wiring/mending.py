"""The loops that make unreadable views anew, where the stores can tell of any."""

from collections.abc import Iterator

from application.control.supervisor import Loop
from application.event_log.api_objects import API_OBJECTS
from application.event_log.labs import LABS
from application.ports.event_store import EventStore
from application.projections.view_mender import ViewMender
from infrastructure.wiring.stores import Stores

_REST = 30.0


def menders(store: EventStore, stores: Stores) -> Iterator[Loop]:
    """One for labs and one for API objects; both read the log through `store`."""
    if (labs := stores.unreadable_labs) is not None:
        of_labs = ViewMender(LABS, store, labs, rest=_REST)
        yield Loop(name="view-mender", run=of_labs.run, stop=None)
    if (objects := stores.unreadable_objects) is not None:
        of_objects = ViewMender(API_OBJECTS, store, objects, rest=_REST)
        yield Loop(name="object-mender", run=of_objects.run, stop=None)
