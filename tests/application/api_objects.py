"""The objects' side over memory, for tests that are about something else."""

from application.event_log.freshness import Freshness
from application.event_log.moments import Moments
from application.event_log.progress import Progress
from application.ports.event_store import EventStore
from application.ports.read_model import ReadModel
from application.projections.object_projection import ApiObjectProjection
from infrastructure.memory.objects import MemoryApiObjects
from infrastructure.memory.past_index import MemoryPastIndex
from infrastructure.wiring.objects import ObjectPorts, ObjectSide
from tests.fakes.clock import FakeClock


def no_objects(store: EventStore, read_model: ReadModel) -> ApiObjectProjection:
    """The projector's hand for objects where there are none."""
    freshness = Freshness(
        store, read_model, written=Progress(), projected=Progress(), patience=1.0
    )
    ports = ObjectPorts(
        store=store,
        api_objects=MemoryApiObjects(),
        read_model=read_model,
        clock=FakeClock(),
        written=Progress(),
        freshness=freshness,
        moments=Moments(store, MemoryPastIndex(), FakeClock()),
    )
    return ObjectSide(ports, capacity=1, patience=1.0).projection
