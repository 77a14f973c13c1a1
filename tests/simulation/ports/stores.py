"""The ports of views, objects, checkpoints and leases of one process, over the network. What they
reach is the memory adapters, which are real."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from application.ports.checkpoints import Checkpoint, Checkpoints
from application.ports.event_store import EventStoreUnavailable
from application.ports.leases import Lease, Leases, LeasesUnavailable
from application.ports.objects import ApiObjects
from application.ports.past_index import NOTHING_PASSED, Passed
from application.ports.read_model import CommandSearch, Page, ReadModel, ReadModelUnavailable
from application.ports.selectors import ViewFilter
from application.ports.views import (
    ApiObjectChange,
    ApiObjectView,
    CarriedOut,
    LabChange,
    LabInstanceView,
)
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState
from tests.simulation.world.network import Network, Peer, Unanswered, immediate

T = TypeVar("T")

PATIENCE = 4.0
Work = Callable[[], Coroutine[Any, Any, T]]


class Views:
    """The way to the views."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def _ask(self, work: Work[T], *, repeatable: bool = False) -> T:
        try:
            return await self._network.call(
                Peer.VIEWS, lambda: immediate(work()), patience=PATIENCE, repeatable=repeatable
            )
        except Unanswered:
            raise ReadModelUnavailable("no answer") from None


class SimulatedReadModel(Views):
    """The ReadModel port."""

    def __init__(self, inner: ReadModel, network: Network) -> None:
        super().__init__(network)
        self._inner = inner

    async def get(self, key: LabKey) -> LabInstanceView | None:
        return await self._ask(lambda: self._inner.get(key))

    async def find(self, wanted: ViewFilter, *, after: LabKey | None, limit: int) -> Page:
        return await self._ask(lambda: self._inner.find(wanted, after=after, limit=limit))

    async def count(self, wanted: ViewFilter) -> int:
        return await self._ask(lambda: self._inner.count(wanted))

    async def due(self, now: datetime, *, limit: int) -> Sequence[LabInstanceView]:
        return await self._ask(lambda: self._inner.due(now, limit=limit))

    async def owned(self, uids: Sequence[str]) -> Mapping[str, LabInstanceView]:
        return await self._ask(lambda: self._inner.owned(uids))

    async def unsettled(self, *, after: LabKey | None, limit: int) -> Page:
        return await self._ask(lambda: self._inner.unsettled(after=after, limit=limit))

    async def count_by_state(self) -> Mapping[LabState, int]:
        return await self._ask(self._inner.count_by_state)

    async def position(self) -> int:
        return await self._ask(self._inner.position)

    async def find_command(self, command: UUID) -> CommandSearch:
        return await self._ask(lambda: self._inner.find_command(command))

    async def apply(
        self,
        changes: Sequence[LabChange],
        *,
        position: int,
        commands: Sequence[CarriedOut] = (),
        passed: Passed = NOTHING_PASSED,
    ) -> None:
        written, noted = tuple(changes), tuple(commands)
        await self._ask(
            lambda: self._inner.apply(written, position=position, commands=noted, passed=passed),
            repeatable=True,
        )

    async def clear(self) -> None:
        await self._ask(self._inner.clear)

    async def claim(self, origin: str) -> None:
        await self._ask(lambda: self._inner.claim(origin), repeatable=True)


class SimulatedApiObjects(Views):
    """The ApiObjects port."""

    def __init__(self, inner: ApiObjects, network: Network) -> None:
        super().__init__(network)
        self._inner = inner

    async def get(self, key: ApiObjectKey) -> ApiObjectView | None:
        return await self._ask(lambda: self._inner.get(key))

    async def find(self, kind: ApiObjectKind, *, namespace: str | None) -> Sequence[ApiObjectView]:
        return await self._ask(lambda: self._inner.find(kind, namespace=namespace))

    async def unchanged_since(
        self, kind: ApiObjectKind, at: datetime, *, limit: int
    ) -> Sequence[ApiObjectView]:
        return await self._ask(lambda: self._inner.unchanged_since(kind, at, limit=limit))

    async def apply(self, changes: Sequence[ApiObjectChange]) -> None:
        written = tuple(changes)
        await self._ask(lambda: self._inner.apply(written), repeatable=True)


class SimulatedCheckpoints:
    """The Checkpoints port. They are kept where the views are."""

    def __init__(self, inner: Checkpoints, network: Network) -> None:
        self._inner = inner
        self._network = network

    async def load(self, name: str) -> Checkpoint | None:
        return await self._ask(lambda: self._inner.load(name))

    async def save(self, name: str, checkpoint: Checkpoint) -> None:
        await self._ask(lambda: self._inner.save(name, checkpoint))

    async def _ask(self, work: Work[T]) -> T:
        try:
            return await self._network.call(
                Peer.VIEWS, lambda: immediate(work()), patience=PATIENCE, repeatable=False
            )
        except Unanswered:
            raise EventStoreUnavailable("no answer") from None


class SimulatedLeases:
    """The Leases port. Silence is silence: who asks has a time limit of its own."""

    def __init__(self, inner: Leases, network: Network) -> None:
        self._inner = inner
        self._network = network

    async def acquire(self, name: str, *, holder: str, seconds: float) -> Lease | None:
        return await self._ask(lambda: self._inner.acquire(name, holder=holder, seconds=seconds))

    async def renew(self, lease: Lease, *, seconds: float) -> bool:
        return await self._ask(lambda: self._inner.renew(lease, seconds=seconds))

    async def release(self, lease: Lease) -> None:
        await self._ask(lambda: self._inner.release(lease))

    async def holders(self) -> Mapping[str, str]:
        return await self._ask(self._inner.holders)

    async def _ask(self, work: Work[T]) -> T:
        try:
            return await self._network.call(
                Peer.LEASES, lambda: immediate(work()), patience=None, repeatable=False
            )
        except Unanswered:
            raise LeasesUnavailable("refused") from None
