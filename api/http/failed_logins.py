"""What follows from a failed authentication: a line in the log, a count, and a wait for the peer
that goes on failing. Whoever has the right token never waits, from whatever address."""

import asyncio
import ipaddress
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Scope

_log = logging.getLogger(__name__)
_COST = 0.1  # seconds for each failure
_FREE = 2.0  # seconds that cost nothing: clients ask again a few times
_LONGEST_WAIT = 2.0
_MOST_WAITING = 64
_SHARE_WAITING = 4  # who waits has a connection that is at work, and others need some as well
_MOST_PEERS = 1024
_QUIET_SECONDS = 10.0
_LONGEST_PATH = 128


@dataclass(slots=True)
class _Peer:
    """When the failures so far are paid for, and what has been logged of them."""

    paid_at: float
    reported_at: float
    unreported: int


class FailedLogins:
    """Remembers the latest thousand peers that failed; `count` is called for each failure. Of
    `places` for connections, a quarter at most is taken by who waits."""

    def __init__(
        self,
        count: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
        *,
        places: int = _MOST_WAITING * _SHARE_WAITING,
    ) -> None:
        self._count = count
        self._most_waiting = min(_MOST_WAITING, places // _SHARE_WAITING)
        self._clock = clock
        self._peers: OrderedDict[str, _Peer] = OrderedDict()
        self._waiting = 0

    async def note(self, scope: Scope) -> None:
        """A request has failed to say who asks. Returns when it may be answered."""
        self._count()
        now = self._clock()
        name = _address(scope)
        peer = self._peer(name, now)
        self._report(name, peer, scope, now)
        peer.paid_at = min(max(peer.paid_at, now) + _COST, now + _FREE + _LONGEST_WAIT)
        wait = peer.paid_at - now - _FREE
        if wait <= 0 or self._waiting >= self._most_waiting:
            return
        self._waiting += 1
        try:
            await asyncio.sleep(wait)
        finally:
            self._waiting -= 1

    def _peer(self, name: str, now: float) -> _Peer:
        peer = self._peers.get(name)
        if peer is None:
            peer = self._peers[name] = _Peer(now, now - _QUIET_SECONDS, 0)
            if len(self._peers) > _MOST_PEERS:
                self._peers.popitem(last=False)
        self._peers.move_to_end(name)
        return peer

    def _report(self, name: str, peer: _Peer, scope: Scope, now: float) -> None:
        if now - peer.reported_at < _QUIET_SECONDS:
            peer.unreported += 1
            return
        fields = {"peer": name, "path": scope["path"][:_LONGEST_PATH], "more": peer.unreported}
        _log.warning("authentication failed", extra=fields)
        peer.reported_at, peer.unreported = now, 0


def _address(scope: Scope) -> str:
    """The peer's address; of one in IPv6 the network, as every host has many in it."""
    client = scope.get("client")
    host = str(client[0]) if client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:_LONGEST_PATH]
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
