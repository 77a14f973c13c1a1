"""A time by which something has to have happened."""

import asyncio
from collections.abc import Callable


class Deadline:
    """Calls `missed` when it was set and neither met nor set anew within its seconds."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, seconds: float, missed: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._seconds = seconds
        self._missed = missed
        self._timer: asyncio.TimerHandle | None = None

    def set(self) -> None:
        """Wait from now on; one that is waited for already stays as it is."""
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._pass)

    def meet(self) -> None:
        """It has happened."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _pass(self) -> None:
        self._timer = None
        self._missed()
