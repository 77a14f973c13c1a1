"""Times by which something has to have happened."""

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


class Idleness:
    """Calls `over` when nothing was going on for so many seconds. What begins and ends with every
    request sets no timer each time: one timer looks when it may be over, and again if it is not.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, seconds: float, over: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._seconds = seconds
        self._over = over
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Nothing is going on from now on."""
        # For speed, decision 34.
        self._since = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._look)

    def end(self) -> None:
        """Something is going on."""
        self._since = None

    def stop(self) -> None:
        """Never call `over`, until it begins again."""
        self._since = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._since is None:
            return
        left = self._since + self._seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._since = None
            self._over()
