"""Puts together what belongs to objects. Wiring only."""

from dataclasses import dataclass
from typing import get_args

from application.commands.object_handler import ApiObjectCommandHandler
from application.commands.open_namespaces import Creation, IntoOpenNamespaces, OpenNamespaces
from application.control.namespace_keeper import NamespaceKeeper
from application.event_log.derived import Views
from application.event_log.freshness import Freshness
from application.event_log.moments import Moments
from application.event_log.progress import Progress
from application.mediator.mediator import Mediator
from application.mediator.object_questions import AskAdmission, GetApiObject, ListApiObjects
from application.mediator.sender import CommandSender
from application.ports.clock import Clock, Randomness
from application.ports.event_store import EventStore
from application.ports.objects import ApiObjects
from application.ports.read_model import ReadModel
from application.projections.object_projection import ApiObjectProjection
from application.projections.watch_feed import ApiObjectFeed
from application.queries.objects import ApiObjectQueries
from domain.api_object.commands import ApiObjectCommand
from domain.lab_instance.commands import CreateLabInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPorts:
    """What API objects live in. `written`: how far this process has appended; `freshness`:
    how reads wait for the views; `moments`: which
    position a time of the past stands for."""

    store: EventStore
    api_objects: ApiObjects
    read_model: ReadModel
    clock: Clock
    written: Progress
    freshness: Freshness
    moments: Moments


class ObjectSide:
    """The feed, the projector's hand, and the handlers of objects."""

    def __init__(self, ports: ObjectPorts, *, capacity: int, patience: float) -> None:
        """The feed remembers `capacity` changes; its watchers wait `patience` seconds."""
        self._ports = ports
        self._namespaces = OpenNamespaces(
            ports.api_objects, ports.read_model, freshness=ports.freshness
        )
        self.feed = ApiObjectFeed(ports.store, capacity=capacity, patience=patience)
        self.projection = ApiObjectProjection(
            ports.store, ports.api_objects, self.feed, self._namespaces
        )

    def keeper(
        self, mediator: Mediator, randomness: Randomness, *, interval: float
    ) -> NamespaceKeeper:
        """The loop that keeps the namespaces."""
        ports = self._ports
        sender = CommandSender(
            mediator, randomness=randomness, actor="controller/namespaces", replica=""
        )
        return NamespaceKeeper(
            mediator,
            ports.api_objects,
            ports.clock,
            sender,
            namespaces=self._namespaces,
            interval=interval,
        )

    def register(self, mediator: Mediator, *, create: Creation) -> None:
        """Let the mediator know who answers for objects, and have `create` make labs in
        namespaces that are open."""
        ports, namespaces = self._ports, self._namespaces
        mediator.on_command(CreateLabInstance, IntoOpenNamespaces(namespaces, create))
        handler = ApiObjectCommandHandler(
            ports.store,
            ports.clock,
            written=ports.written,
            namespaces=namespaces,
            views=Views(
                get=ports.api_objects.get,
                position=ports.read_model.position,
                find_command=ports.read_model.find_command,
            ),
        )
        for kind in get_args(ApiObjectCommand):
            mediator.on_command(kind, handler)
        queries = ApiObjectQueries(
            ports.store,
            ports.api_objects,
            freshness=ports.freshness,
            moments=ports.moments,
            namespaces=namespaces,
        )
        mediator.on_query(GetApiObject, queries.get)
        mediator.on_query(ListApiObjects, queries.find)
        mediator.on_query(AskAdmission, queries.admission)
