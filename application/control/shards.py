"""Labs divided among replicas: which shard a lab is in, and which shards this replica has."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Protocol

from application.control.kept_leases import KeptLeases
from application.ports.leases import LeasesUnavailable

log = logging.getLogger(__name__)


def shard_of(uid: str, shards: int) -> int:
    """The lab's shard, 0 to `shards` - 1: the same in every process and every release."""
    return int.from_bytes(sha256(uid.encode()).digest()[:8]) % shards


def fair_share(shards: int, *, rank: int, replicas: int) -> int:
    """How many shards are due to the replica of that rank, from 0, among so many."""
    each, left_over = divmod(shards, replicas)
    return each + (rank < left_over)


class ShardWork(Protocol):
    """What is done for the shards that are held."""

    async def begin(self, shard: int, token: int) -> None:
        """Look after the shard's labs from now on. Returns soon."""

    async def end(self, shard: int) -> None:
        """Look after them no more. Returns when nothing goes on for them here, which must take
        less than a tenth of a lease. May be repeated."""


class ShardKeeper:
    """Keeps a fair part of the shards, and has the work for them begun and ended.

    Beside a lease for each shard there are as many seats. A replica takes one seat; the seats
    taken tell how many replicas there are, and their order who gets what is left over. Who has
    too many shards ends the work for some and gives them back; who has too few takes free
    ones. Leases are renewed at every third of their length, and tried again sooner
    when that failed. The work for a shard ends before
    its lease can end at the store, even when no answer comes from there.

    Keepers of the same `family` share the same shards.
    """

    def __init__(self, kept: KeptLeases, work: ShardWork, *, family: str, shards: int) -> None:
        self._kept = kept
        self._work = work
        self._names = [f"{family}-shard-{number}" for number in range(shards)]
        self._seats = [f"{family}-seat-{number}" for number in range(shards)]
        self._interval = kept.seconds / 3
        self._seat: str | None = None
        self._mine: set[int] = set()
        self._leaving: set[int] = set()
        self.trouble = ""

    @property
    def mine(self) -> Sequence[int]:
        """The shards that are held at this very moment, by this process's own clock."""
        return [shard for shard in sorted(self._mine) if self.token(shard) is not None]

    def token(self, shard: int) -> int | None:
        """The fencing token of a shard that is held at this very moment; None when not."""
        return self._kept.token(self._names[shard]) if shard in self._mine else None

    async def run(self) -> None:
        """Keep shards until cancelled; after that no work for them goes on."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep(), name="shards-keep")
                tasks.create_task(self._end_in_time(), name="shards-end-in-time")
        finally:
            await self._leave(*self._mine, *self._leaving)

    async def give_all_back(self) -> None:
        """After `run`: let others have everything at once. Raises LeasesUnavailable."""
        self._seat = None
        for name in self._kept.names:
            await self._kept.give_back(name)

    async def _keep(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + self._interval
            try:
                await self._make_round()
                self.trouble = ""
            except LeasesUnavailable as error:
                self.trouble = str(error)
                log.warning("the leases could not be renewed", extra={"error": str(error)})
                due = clock() + self._interval / 3
            await asyncio.sleep(max(0.0, due - clock()))

    async def _end_in_time(self) -> None:
        """Wakes when the first lease ends here, and often enough to hear of new ones."""
        while True:
            ended = [shard for shard in sorted(self._mine) if self.token(shard) is None]
            if ended:
                log.warning("shards are left because their leases end", extra={"shards": ended})
                await self._leave(*ended)
            await asyncio.sleep(min(self._kept.left or self._interval, self._interval))

    async def _make_round(self) -> None:
        await self._renew()
        if self._seat is None:
            await self._sit_down()
        others = await self._kept.of_others()
        wanted = self._share(others)
        surplus = sorted(self._mine)[wanted:]
        await self._leave(*surplus)
        for shard in surplus:
            await self._kept.give_back(self._names[shard])
        for shard, name in enumerate(self._names):
            free = name not in others and shard not in self._mine | self._leaving
            if free and len(self._mine) < wanted:
                await self._enter(shard)

    async def _renew(self) -> None:
        if self._seat is not None and not await self._kept.renew(self._seat):
            self._seat = None
        lost = [s for s in sorted(self._mine) if not await self._kept.renew(self._names[s])]
        await self._leave(*lost)

    async def _sit_down(self) -> None:
        others = await self._kept.of_others()
        for seat in self._seats:
            if seat not in others and await self._kept.take(seat):
                self._seat = seat
                return

    def _share(self, others: Collection[str]) -> int:
        """Nothing for who has no seat: there are more replicas than shards then."""
        if self._seat is None:
            return 0
        taken = [seat for seat in self._seats if seat in others or seat == self._seat]
        rank = taken.index(self._seat)
        return fair_share(len(self._names), rank=rank, replicas=len(taken))

    async def _enter(self, shard: int) -> None:
        name = self._names[shard]
        token = self._kept.token(name) if await self._kept.take(name) else None
        if token is not None:
            self._mine.add(shard)
            log.info("a shard is ours", extra={"shard": shard, "token": token})
            await self._work.begin(shard, token)

    async def _leave(self, *shards: int) -> None:
        """End the work. A shard is not taken again before that is done."""
        self._mine.difference_update(shards)
        self._leaving.update(shards)
        await asyncio.gather(*(self._work.end(shard) for shard in set(shards)))
        self._leaving.difference_update(shards)
