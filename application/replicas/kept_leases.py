"""The leases that one process holds, and how long it may rely on them by its own clock."""

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from application.ports.leases import Lease, Leases, LeasesUnavailable

T = TypeVar("T")

_RELIED_ON = 0.9
"""The part of a lease that is used. The rest is for clocks that run unequally, and for work
that has to end."""

_LONGEST_ANSWER = 5.0


@dataclass(frozen=True, slots=True)
class _Kept:
    lease: Lease
    until: float


class KeptLeases:
    """Leases of one holder, each for `seconds` at a time.

    Whether one is held is answered from the event loop's clock alone, counted from before the
    store was asked: it ends here before it can end at the store, whatever the store, or the
    way to it, is doing. Methods that ask the store raise LeasesUnavailable.
    """

    def __init__(self, leases: Leases, *, holder: str, seconds: float) -> None:
        self.seconds = seconds
        self._leases = leases
        self._holder = holder
        self._kept: dict[str, _Kept] = {}

    @property
    def names(self) -> Sequence[str]:
        """The leases held now."""
        return tuple(name for name in self._kept if self.token(name) is not None)

    @property
    def left(self) -> float | None:
        """How long the one that ends first is still held; None when none is."""
        now = _now()
        return min(
            (kept.until - now for kept in self._kept.values() if kept.until > now), default=None
        )

    def token(self, name: str) -> int | None:
        """The token of a lease that is held now; None when it is not."""
        kept = self._kept.get(name)
        return kept.lease.token if kept is not None and _now() < kept.until else None

    async def take(self, name: str) -> bool:
        """Get hold of the lease, if nobody else has it."""
        asked = _now()
        lease = await self._answer(
            self._leases.acquire(name, holder=self._holder, seconds=self.seconds)
        )
        if lease is None:
            self._kept.pop(name, None)
            return False
        self._keep(lease, asked)
        return self.token(name) is not None

    async def renew(self, name: str) -> bool:
        """Hold the lease for longer; False, and it is dropped, when it is not held any more."""
        kept = self._kept.get(name)
        if kept is None:
            return False
        asked = _now()
        renewed = await self._answer(self._leases.renew(kept.lease, seconds=self.seconds))
        if self._kept.get(name) is not kept:  # dropped while the store was asked
            return False
        if renewed:
            self._keep(kept.lease, asked)
        else:
            del self._kept[name]
        return self.token(name) is not None

    def drop(self, name: str) -> None:
        """Stop relying on the lease, without a word to the store."""
        self._kept.pop(name, None)

    async def give_back(self, name: str) -> None:
        """Let others have the lease at once."""
        kept = self._kept.pop(name, None)
        if kept is not None:
            await self._answer(self._leases.release(kept.lease))

    async def of_others(self) -> Collection[str]:
        """The leases that others hold, as the store knows it."""
        held = await self._answer(self._leases.holders())
        return {name for name, holder in held.items() if holder != self._holder}

    async def left_over(self) -> Collection[str]:
        """The leases that the store has for this holder and that are not kept here: they were
        an earlier process's."""
        held = await self._answer(self._leases.holders())
        ours = {name for name, holder in held.items() if holder == self._holder}
        return ours - self._kept.keys()

    async def _answer(self, asked: Awaitable[T]) -> T:
        """A store that is silent is as good as away."""
        try:
            async with asyncio.timeout(min(self.seconds / 3, _LONGEST_ANSWER)):
                return await asked
        except TimeoutError:
            raise LeasesUnavailable("no answer in time") from None

    def _keep(self, lease: Lease, asked: float) -> None:
        self._kept[lease.name] = _Kept(lease, asked + self.seconds * _RELIED_ON)


def _now() -> float:
    return asyncio.get_running_loop().time()
