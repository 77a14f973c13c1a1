"""A simulated operating system process: what belongs to it is known by its context."""

import asyncio
from collections.abc import Callable
from contextvars import Context, ContextVar

_OWNER: ContextVar["SimulatedProcess | None"] = ContextVar("owner", default=None)


class SimulatedProcess:
    """One life of one process.

    Whatever runs in `context`, and whatever that starts, is part of the process: tasks, timers
    and callbacks inherit the context. One that is dead is never resumed, and nothing of it is
    let go: neither `finally` nor `except` sees its end, as nothing does after SIGKILL. One that
    is frozen, as by SIGSTOP, goes on later where it stood.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.frozen = False
        self.steps_left: int | None = None
        self.calls_left: int | None = None
        self.on_death: Callable[[], None] = lambda: None
        self.context = Context()
        self.context.run(_OWNER.set, self)
        self._held: list[asyncio.Handle] = []

    def kill(self) -> None:
        """End it between two of its steps."""
        if self.alive:
            self.alive = False
            self.on_death()

    def holds_back(self, handle: asyncio.Handle) -> bool:
        """Whether the step must not be taken now; then it is kept."""
        if self.alive and not self.frozen:
            return False
        self._held.append(handle)
        return True

    def thaw(self) -> list[asyncio.Handle]:
        """Go on; the steps that were held back, in their order."""
        self.frozen = False
        held, self._held = self._held, []
        return held if self.alive else []


def owner_of(context: Context) -> SimulatedProcess | None:
    """The process that a context belongs to; None for the world."""
    return context.get(_OWNER)


def running_process() -> SimulatedProcess | None:
    """The process whose step this is; None for the world."""
    return _OWNER.get()
