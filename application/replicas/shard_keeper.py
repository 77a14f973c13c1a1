"""Keeps a replica's part of the shards: seats, shares, renewal, and giving up in time."""

import asyncio
import logging
from collections.abc import Collection, Sequence

from application.ports.leases import LeasesUnavailable
from application.replicas.division import CannotShare, Division, NameTaken, OtherDivision
from application.replicas.kept_leases import KeptLeases
from application.replicas.shards import ShardWork

log = logging.getLogger(__name__)

_LONGEST_INTERVAL = 2.0


class ShardKeeper:
    """Keeps a fair part of the shards, and has the work for them begun and ended.

    Beside a lease for each shard there are as many seats. A replica takes one seat; the seats
    taken say how many replicas there are, and their order who gets what is left over. Who has
    too many shards ends the work for some and gives them back; who has too few takes free
    ones. What an earlier process of the same holder left is taken first. Leases are renewed at
    every third of their length, or more often, and tried again sooner when that failed. The
    work for a shard ends before its lease can end at the store, even when no answer comes from
    there.

    Keepers of the same `family` share the same shards. Where others divide them into another
    number, or another process goes by the same name, nothing is taken; `trouble` says which.
    """

    def __init__(self, kept: KeptLeases, work: ShardWork, *, family: str, shards: int) -> None:
        self._kept = kept
        self._work = work
        self._division = Division(family, shards)
        self._names = self._division.names
        self._interval = min(kept.seconds / 3, _LONGEST_INTERVAL)
        self._seat: str | None = None
        self._mine: set[int] = set()
        self._leaving: set[int] = set()
        self._returned = False
        self._replaced = False
        self.of_others: Collection[int] = ()
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
            except (LeasesUnavailable, CannotShare) as error:
                self.trouble = str(error)
                log.warning("the leases are not kept as they should", extra={"error": str(error)})
                due = clock() + self._interval / 3
            await asyncio.sleep(max(0.0, due - clock()))

    async def _end_in_time(self) -> None:
        """Wakes when the first lease ends here, and often enough to hear of new ones."""
        while True:
            ended = [shard for shard in sorted(self._mine) if self.token(shard) is None]
            if ended:
                names = [self._names[shard] for shard in ended]
                log.warning("work is left because its leases end", extra={"leases": names})
                await self._leave(*ended)
            await asyncio.sleep(min(self._kept.left or self._interval, self._interval))

    async def _make_round(self) -> None:
        if self._replaced:
            raise NameTaken
        await self._renew()
        if self._seat is None:
            await self._sit_down()
        others = await self._kept.of_others()
        await self._agree(others)
        self.of_others = self._division.held(others)
        if not self._returned:
            await self._return()
        wanted = self._division.share(self._seat, others=others)
        surplus = await self._surplus(wanted)
        await self._leave(*surplus)
        for shard in surplus:
            await self._kept.give_back(self._names[shard])
        for shard in range(len(self._names)):
            free = shard not in self.of_others and shard not in self._mine | self._leaving
            if free and len(self._mine) < wanted:
                await self._enter(shard)

    async def _renew(self) -> None:
        seat, lost = self._seat, list[str]()
        if seat is not None and not await self._kept.renew(seat):
            self._seat, lost = None, [seat]
        for shard in sorted(self._mine):
            if not await self._kept.renew(self._names[shard]):
                lost.append(self._names[shard])
                await self._leave(shard)
        if lost and {*lost} & {*await self._kept.left_over()}:
            await self._leave(*self._mine)
            self._replaced = True
            raise NameTaken

    async def _sit_down(self) -> None:
        others, left_over = await self._kept.of_others(), await self._kept.left_over()
        for seat in sorted(self._division.seats, key=lambda seat: seat not in left_over):
            if seat not in others and await self._kept.take(seat):
                self._seat = seat
                return

    async def _agree(self, others: Collection[str]) -> None:
        """The seat is taken first and the others looked at then: so of two that come at once
        and disagree, one at least sees the other."""
        if self._division.contradicted(others) and not self._mine:
            if self._seat is not None:
                seat, self._seat = self._seat, None
                await self._kept.give_back(seat)
            raise OtherDivision(len(self._names))

    async def _return(self) -> None:
        left_over = await self._kept.left_over()
        for shard, name in enumerate(self._names):
            if name in left_over and shard not in self._mine:
                await self._enter(shard)
        self._returned = True

    async def _surplus(self, wanted: int) -> Sequence[int]:
        too_many = len(self._mine) - wanted
        if too_many <= 0:
            return ()
        bound = await self._work.bound()
        movable = [shard for shard in sorted(self._mine, reverse=True) if shard not in bound]
        return movable[:too_many]

    async def _enter(self, shard: int) -> None:
        name = self._names[shard]
        token = self._kept.token(name) if await self._kept.take(name) else None
        if token is not None:
            self._mine.add(shard)
            log.info("a lease is ours", extra={"lease": name, "token": token})
            await self._work.begin(shard, token)

    async def _leave(self, *shards: int) -> None:
        """End the work. A shard is not taken again before that is done."""
        self._mine.difference_update(shards)
        self._leaving.update(shards)
        await asyncio.gather(*(self._work.end(shard) for shard in set(shards)))
        self._leaving.difference_update(shards)
