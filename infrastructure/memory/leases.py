"""Leases in memory: the Leases contract among those who share the object."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.leases import Lease


@dataclass(frozen=True, slots=True)
class _Held:
    lease: Lease
    until: datetime


class MemoryLeases:
    """The Leases contract as long as the object lives. The clock given decides when they end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, int] = {}
        self._held: dict[str, _Held] = {}

    async def acquire(self, name: str, *, holder: str, seconds: float) -> Lease | None:
        held = self._held.get(name)
        if held is not None and held.lease.holder != holder and self._lasts(held):
            return None
        self._tokens[name] = self._tokens.get(name, 0) + 1
        lease = Lease(name=name, holder=holder, token=self._tokens[name])
        self._hold(lease, seconds)
        return lease

    async def renew(self, lease: Lease, *, seconds: float) -> bool:
        held = self._held.get(lease.name)
        if held is None or held.lease != lease or not self._lasts(held):
            return False
        self._hold(lease, seconds)
        return True

    async def release(self, lease: Lease) -> None:
        held = self._held.get(lease.name)
        if held is not None and held.lease == lease:
            del self._held[lease.name]

    async def holders(self) -> Mapping[str, str]:
        return {name: held.lease.holder for name, held in self._held.items() if self._lasts(held)}

    def _hold(self, lease: Lease, seconds: float) -> None:
        until = self._clock.now() + timedelta(seconds=seconds)
        self._held[lease.name] = _Held(lease, until)

    def _lasts(self, held: _Held) -> bool:
        return self._clock.now() < held.until
