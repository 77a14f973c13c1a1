"""A clock that shows the event loop's time, so that it runs in virtual time too."""

import asyncio
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2030, 1, 1, tzinfo=UTC)


class FakeClock:
    """The Clock port. It can be set, as somebody sets a machine's clock."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """The moment the loop's clock and all jumps amount to."""
        return _EPOCH + timedelta(seconds=asyncio.get_running_loop().time()) + self._offset

    def jump(self, by: timedelta) -> None:
        """Set the clock forward, or back."""
        self._offset += by
