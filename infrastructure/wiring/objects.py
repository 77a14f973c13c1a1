"""Puts together what belongs to documents. Wiring only."""

from dataclasses import dataclass
from typing import get_args

from application.commands.object_handler import DocumentCommandHandler
from application.commands.open_namespaces import Creation, IntoOpenNamespaces, OpenNamespaces
from application.control.namespace_keeper import NamespaceKeeper
from application.event_log.freshness import Freshness
from application.event_log.progress import Progress
from application.mediator.mediator import Mediator
from application.mediator.object_questions import AskAdmission, GetDocument, ListDocuments
from application.mediator.object_sender import DocumentSender
from application.ports.clock import Clock, Randomness
from application.ports.event_store import EventStore
from application.ports.objects import Documents
from application.ports.read_model import ReadModel
from application.projections.object_feed import DocumentFeed
from application.projections.object_projection import DocumentProjection
from application.queries.objects import DocumentQueries
from domain.api_object.commands import DocumentCommand
from domain.lab_instance.commands import CreateLabInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPorts:
    """What documents live in, and how far this process has written and projected."""

    store: EventStore
    documents: Documents
    read_model: ReadModel
    clock: Clock
    written: Progress
    projected: Progress


class DocumentSide:
    """The feed, the projector's hand, and the handlers of documents."""

    def __init__(self, ports: DocumentPorts, *, capacity: int, patience: float) -> None:
        """The feed remembers `capacity` changes; reads wait `patience` seconds."""
        self._ports = ports
        self._freshness = Freshness(
            written=ports.written, projected=ports.projected, patience=patience
        )
        self._namespaces = OpenNamespaces(
            ports.documents, ports.read_model, freshness=self._freshness
        )
        self.feed = DocumentFeed(ports.store, capacity=capacity, patience=patience)
        self.projection = DocumentProjection(
            ports.store, ports.documents, self.feed, self._namespaces
        )

    def keeper(
        self, mediator: Mediator, randomness: Randomness, *, interval: float
    ) -> NamespaceKeeper:
        """The loop that keeps the namespaces."""
        ports = self._ports
        sender = DocumentSender(mediator, randomness)
        return NamespaceKeeper(
            mediator,
            ports.documents,
            ports.clock,
            sender,
            namespaces=self._namespaces,
            interval=interval,
        )

    def register(self, mediator: Mediator, *, create: Creation) -> None:
        """Let the mediator know who answers for documents, and have `create` make labs in
        namespaces that are open."""
        ports, namespaces = self._ports, self._namespaces
        mediator.on_command(CreateLabInstance, IntoOpenNamespaces(namespaces, create))
        handler = DocumentCommandHandler(
            ports.store, ports.clock, written=ports.written, namespaces=namespaces
        )
        for kind in get_args(DocumentCommand):
            mediator.on_command(kind, handler)
        queries = DocumentQueries(
            ports.store, ports.documents, freshness=self._freshness, namespaces=namespaces
        )
        mediator.on_query(GetDocument, queries.get)
        mediator.on_query(ListDocuments, queries.find)
        mediator.on_query(AskAdmission, queries.admission)
