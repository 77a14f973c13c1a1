"""Which namespaces new labs and objects may come into."""

from collections.abc import Awaitable
from typing import Protocol

from application.event_log.freshness import Freshness
from application.mediator.mediator import LabOutcome, RequestContext
from application.mediator.questions import NOW
from application.ports.objects import ApiObjects
from application.ports.read_model import ReadModel
from application.ports.selectors import FieldRequirement, LabField, ViewFilter
from domain.api_object.decide import DEFAULT_NAMESPACE
from domain.api_object.errors import ApiObjectNotFound, NamespaceTerminating
from domain.api_object.key import ApiObjectKey, namespace_key
from domain.lab_instance.commands import CreateLabInstance


class OpenNamespaces:
    """Remembers the namespaces known to be open, so that asking about one costs nothing.

    A namespace is open from its declaration until its removal is asked for. `default` always
    is, and so is one that was never declared while it holds labs: older releases did not ask
    for declarations. `closings` counts how often one was closed.
    """

    def __init__(
        self, api_objects: ApiObjects, read_model: ReadModel, *, freshness: Freshness
    ) -> None:
        self._api_objects = api_objects
        self._read_model = read_model
        self._freshness = freshness
        # For speed, decision 73.
        self._open = {DEFAULT_NAMESPACE}
        self.closings = 0

    def known_open(self, namespace: str) -> bool:
        """Whether it needs no asking."""
        return namespace in self._open

    def close(self, namespace: str) -> None:
        """It goes: what was known of it holds no more."""
        self._open.discard(namespace)
        self.closings += 1

    async def admit(self, namespace: str, *, name: str, key: ApiObjectKey | None) -> None:
        """Return when a lab, or the object of this key, may come into the namespace. Raises
        ApiObjectNotFound, NamespaceTerminating."""
        if namespace in self._open:
            return
        closings = self.closings
        await self._freshness.caught_up(NOW)
        view = await self._api_objects.get(namespace_key(namespace))
        if view is None:
            await self._require_labs(namespace)
            return
        if view.api_object.removal_requested_at is not None:
            raise NamespaceTerminating(key, namespace=namespace, name=name)
        if closings == self.closings:  # else it may have been closed while we asked
            self._open.add(namespace)

    async def _require_labs(self, namespace: str) -> None:
        inside = FieldRequirement(field=LabField.NAMESPACE, value=namespace, negated=False)
        page = await self._read_model.find(ViewFilter(fields=(inside,)), after=None, limit=1)
        if not page.views:
            raise ApiObjectNotFound(namespace_key(namespace))


class Creation(Protocol):
    """Creates labs, wherever they come into."""

    def __call__(
        self, command: CreateLabInstance, context: RequestContext
    ) -> Awaitable[LabOutcome]:
        """The lab. Raises what its handler raises."""

    async def earlier(
        self, command: CreateLabInstance, context: RequestContext
    ) -> LabOutcome | None:
        """What the same command led to before; None where it was never carried out. Raises as
        above."""


class IntoOpenNamespaces:
    """Handles the creation of labs: only into namespaces that are open. One that was carried out
    before its namespace began to go is not refused when it is repeated."""

    def __init__(self, namespaces: OpenNamespaces, create: Creation) -> None:
        self._namespaces = namespaces
        self._create = create

    def __call__(
        self, command: CreateLabInstance, context: RequestContext
    ) -> Awaitable[LabOutcome]:
        """Raises ApiObjectNotFound, NamespaceTerminating, and what the creation raises."""
        if self._namespaces.known_open(command.lab.namespace):
            return self._create(command, context)
        return self._asked(command, context)

    async def _asked(self, command: CreateLabInstance, context: RequestContext) -> LabOutcome:
        lab = command.lab
        try:
            await self._namespaces.admit(lab.namespace, name=lab.name, key=None)
        except (ApiObjectNotFound, NamespaceTerminating):
            earlier = await self._create.earlier(command, context)
            if earlier is None:
                raise
            return earlier
        return await self._create(command, context)
