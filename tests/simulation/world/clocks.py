"""Wall clocks in virtual time, each of which somebody may set."""

from datetime import UTC, datetime, timedelta

from tests.simulation.engine.loop import SimulatedLoop

_EPOCH = datetime(2030, 1, 1, tzinfo=UTC)


class WallClock:
    """The Clock port of one machine."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """What the clock shows."""
        return _EPOCH + timedelta(seconds=self._loop.time()) + self._offset

    def jump(self, seconds: float) -> None:
        """Somebody sets the clock."""
        self._offset += timedelta(seconds=seconds)

    def set_right(self) -> None:
        """It shows the time again."""
        self._offset = timedelta(0)
