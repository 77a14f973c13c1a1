"""A read model that is measured while another one does the work."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from time import perf_counter

from application.ports.read_model import Page, ReadModel
from application.ports.selectors import ViewFilter
from application.ports.views import LabInstanceView, ViewChange
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState
from infrastructure.telemetry.metrics import Metrics
from infrastructure.telemetry.positions import Positions


class MeasuredReadModel:
    """The ReadModel port over another one; only writing is timed."""

    def __init__(self, inner: ReadModel, metrics: Metrics, positions: Positions) -> None:
        self._inner = inner
        self._metrics = metrics
        self._positions = positions

    async def get(self, key: LabKey) -> LabInstanceView | None:
        """As the port says."""
        return await self._inner.get(key)

    async def find(self, wanted: ViewFilter, *, after: LabKey | None, limit: int) -> Page:
        """As the port says."""
        return await self._inner.find(wanted, after=after, limit=limit)

    async def count(self, wanted: ViewFilter) -> int:
        """As the port says."""
        return await self._inner.count(wanted)

    async def due(self, now: datetime, *, limit: int) -> Sequence[LabInstanceView]:
        """As the port says."""
        return await self._inner.due(now, limit=limit)

    async def owned(self, uids: Sequence[str]) -> Mapping[str, LabInstanceView]:
        """As the port says."""
        return await self._inner.owned(uids)

    async def unsettled(self, *, after: LabKey | None, limit: int) -> Page:
        """As the port says."""
        return await self._inner.unsettled(after=after, limit=limit)

    async def count_by_state(self) -> Mapping[LabState, int]:
        """As the port says."""
        return await self._inner.count_by_state()

    async def position(self) -> int:
        """As the port says."""
        position = await self._inner.position()
        self._positions.projected(position)
        return position

    async def apply(self, changes: Sequence[ViewChange], *, position: int) -> None:
        """As the port says; timed."""
        started = perf_counter()
        await self._inner.apply(changes, position=position)
        self._metrics.view_write_seconds.observe(perf_counter() - started)
        self._positions.projected(position)

    async def clear(self) -> None:
        """As the port says."""
        await self._inner.clear()
        self._positions.projected(0)

    async def claim(self, origin: str) -> None:
        """As the port says."""
        await self._inner.claim(origin)
