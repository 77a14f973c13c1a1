"""Wires what belongs to objects, for the bootstrap."""

from application.event_log.progress import Progress
from application.ports.event_store import EventStore
from application.ports.read_model import ReadModel
from infrastructure.wiring.adapters import Adapters
from infrastructure.wiring.objects import ObjectPorts, ObjectSide


def object_side(
    adapters: Adapters,
    store: EventStore,
    read_model: ReadModel,
    *,
    written: Progress,
    projected: Progress,
) -> ObjectSide:
    """The objects' side on these adapters; store and read model as they are measured."""
    ports = ObjectPorts(
        store=store,
        api_objects=adapters.api_objects,
        read_model=read_model,
        clock=adapters.clock,
        written=written,
        projected=projected,
    )
    return ObjectSide(ports, capacity=20_000, patience=5.0)
