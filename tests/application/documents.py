"""The documents' side over memory, for tests that are about something else."""

from application.event_log.progress import Progress
from application.ports.event_store import EventStore
from application.ports.read_model import ReadModel
from application.projections.object_projection import DocumentProjection
from infrastructure.memory.objects import MemoryDocuments
from infrastructure.wiring.objects import DocumentPorts, DocumentSide
from tests.fakes.clock import FakeClock


def no_documents(store: EventStore, read_model: ReadModel) -> DocumentProjection:
    """The projector's hand for documents where there are none."""
    ports = DocumentPorts(
        store=store,
        documents=MemoryDocuments(),
        read_model=read_model,
        clock=FakeClock(),
        written=Progress(),
        projected=Progress(),
    )
    return DocumentSide(ports, capacity=1, patience=1.0).projection
