"""A read model that is measured while another one does the work."""

from collections.abc import Sequence
from time import perf_counter

from application.ports.past_index import NOTHING_PASSED, Passed
from application.ports.read_model import ReadModel
from application.ports.views import CarriedOut, LabChange
from infrastructure.telemetry.metrics import Metrics
from infrastructure.telemetry.positions import Positions


class MeasuredReadModel:
    """The ReadModel port over another one; only writing is timed."""

    def __init__(self, inner: ReadModel, metrics: Metrics, positions: Positions) -> None:
        self._inner = inner
        self._metrics = metrics
        self._positions = positions
        self.get = inner.get
        self.find = inner.find
        self.count = inner.count
        self.due = inner.due
        self.owned = inner.owned
        self.unsettled = inner.unsettled
        self.count_by_state = inner.count_by_state
        self.claim = inner.claim
        self.find_command = inner.find_command

    async def position(self) -> int:
        position = await self._inner.position()
        self._positions.projected(position)
        return position

    async def apply(
        self,
        changes: Sequence[LabChange],
        *,
        position: int,
        commands: Sequence[CarriedOut] = (),
        passed: Passed = NOTHING_PASSED,
    ) -> None:
        started = perf_counter()
        await self._inner.apply(changes, position=position, commands=commands, passed=passed)
        self._metrics.view_write_seconds.observe(perf_counter() - started)
        self._positions.projected(position)

    async def clear(self) -> None:
        await self._inner.clear()
        self._positions.projected(0)
