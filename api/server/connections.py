"""How many connections may be open, which of them are idle, and what is said of their troubles."""

import logging
import time
from collections.abc import Callable
from typing import Protocol

_log = logging.getLogger(__name__)
_QUIET_SECONDS = 10.0


class Connection(Protocol):
    """A connection that can be closed while it waits for a request."""

    def evict(self) -> None:
        """Close it at once."""


class Connections:
    """At most `most` connections, those in a TLS handshake among them. When all places are taken,
    the one that has been idle longest makes room: who only holds connections open keeps nobody
    out, nor does who asks and takes no answer. Connections whose request is being answered, to a
    peer that reads, are never closed for another's sake."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._open = 0
        self._idle: dict[Connection, None] = {}  # the longest idle first
        self._reported_at: dict[str, float] = {}
        self._unreported: dict[str, int] = {}

    @property
    def open(self) -> int:
        """How many places are taken."""
        return self._open

    def admit(self) -> bool:
        """Take a place; False when every connection is at work."""
        if self._open >= self._most:
            longest = next(iter(self._idle), None)
            if longest is None:
                self.report("connections are refused: all are in use", most=self._most)
                return False
            self.report("idle connections are closed to make room", most=self._most)
            del self._idle[longest]
            longest.evict()
        self._open += 1
        return True

    def leave(self) -> None:
        """Give a place back."""
        self._open -= 1

    def rest(self, connection: Connection) -> None:
        """It waits for its peer from now on: for a request, or until an answer is taken."""
        self._idle.pop(connection, None)
        self._idle[connection] = None

    def wake(self, connection: Connection) -> None:
        """Its request has arrived, its peer reads again, or it is gone."""
        self._idle.pop(connection, None)

    def report(self, message: str, **fields: object) -> None:
        """Log it, once in ten seconds at most: peers choose how often things go wrong."""
        now = self._clock()
        if now - self._reported_at.get(message, -_QUIET_SECONDS) < _QUIET_SECONDS:
            self._unreported[message] = self._unreported.get(message, 0) + 1
            return
        self._reported_at[message] = now
        _log.warning(message, extra={**fields, "unreported": self._unreported.pop(message, 0)})
