"""Wires what belongs to documents, for the bootstrap."""

from application.event_log.progress import Progress
from application.ports.event_store import EventStore
from application.ports.read_model import ReadModel
from infrastructure.wiring.adapters import Adapters
from infrastructure.wiring.objects import DocumentPorts, DocumentSide


def document_side(
    adapters: Adapters,
    store: EventStore,
    read_model: ReadModel,
    *,
    written: Progress,
    projected: Progress,
) -> DocumentSide:
    """The documents' side on these adapters; store and read model as they are measured."""
    ports = DocumentPorts(
        store=store,
        documents=adapters.documents,
        read_model=read_model,
        clock=adapters.clock,
        written=written,
        projected=projected,
    )
    return DocumentSide(ports, capacity=20_000, patience=5.0)
