"""Several replicas on the same leases, whose work is seen from outside."""

import asyncio
from collections import Counter
from collections.abc import Mapping

from application.ports.leases import Lease, Leases, LeasesUnavailable
from application.replicas.kept_leases import KeptLeases
from application.replicas.shard_keeper import ShardKeeper
from infrastructure.memory.leases import MemoryLeases
from tests.fakes.clock import FakeClock
from tests.fakes.virtual_time import until

LEASE = 15.0
SHARDS = 8


class SharedWork:
    """What all replicas do, seen from outside: fails when two work on a shard at once."""

    def __init__(self) -> None:
        self.at_work: dict[int, str] = {}
        self.tokens: dict[int, list[int]] = {shard: [] for shard in range(SHARDS)}
        self.begun_at: dict[int, float] = {}
        self.changes = 0

    def by(self, replica: str) -> set[int]:
        return {shard for shard, worker in self.at_work.items() if worker == replica}


class Work:
    """The ShardWork of one replica. Ending takes a moment."""

    def __init__(self, name: str, shared: SharedWork) -> None:
        self.name = name
        self.shared = shared
        self.stuck: set[int] = set()

    async def bound(self) -> set[int]:
        return self.stuck

    async def begin(self, shard: int, token: int) -> None:
        assert shard not in self.shared.at_work
        self.shared.at_work[shard] = self.name
        self.shared.tokens[shard].append(token)
        self.shared.begun_at[shard] = asyncio.get_running_loop().time()
        self.shared.changes += 1

    async def end(self, shard: int) -> None:
        await asyncio.sleep(LEASE / 20)
        if self.shared.at_work.get(shard) == self.name:
            del self.shared.at_work[shard]


class TroubledLeases:
    """Leases at the end of a line that can be cut, or swallow what is sent."""

    def __init__(self, inner: Leases) -> None:
        self.inner = inner
        self.cut = False
        self.silent = False

    async def acquire(self, name: str, *, holder: str, seconds: float) -> Lease | None:
        await self._line()
        return await self.inner.acquire(name, holder=holder, seconds=seconds)

    async def renew(self, lease: Lease, *, seconds: float) -> bool:
        await self._line()
        return await self.inner.renew(lease, seconds=seconds)

    async def release(self, lease: Lease) -> None:
        await self._line()
        await self.inner.release(lease)

    async def holders(self) -> Mapping[str, str]:
        await self._line()
        return await self.inner.holders()

    async def _line(self) -> None:
        if self.silent:
            await asyncio.Event().wait()
        if self.cut:
            raise LeasesUnavailable("the line is cut")


class Replica:
    """A keeper of shards that runs."""

    def __init__(self, name: str, leases: Leases, shared: SharedWork) -> None:
        self.line = TroubledLeases(leases)
        kept = KeptLeases(self.line, holder=name, seconds=LEASE)
        self.work = Work(name, shared)
        self.keeper = ShardKeeper(kept, self.work, family="labs", shards=SHARDS)
        self.task = asyncio.create_task(self.keeper.run())

    async def die(self) -> None:
        """End without a word to the others."""
        self.task.cancel()
        await asyncio.wait([self.task])

    async def stop(self) -> None:
        await self.die()
        await self.keeper.give_all_back()


class House:
    """Replicas on the same leases."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.leases = MemoryLeases(self.clock)
        self.work = SharedWork()
        self.replicas: dict[str, Replica] = {}

    def start(self, *names: str) -> None:
        for name in names:
            self.replicas[name] = Replica(name, self.leases, self.work)

    async def close(self) -> None:
        for replica in self.replicas.values():
            assert not replica.task.done() or replica.task.cancelled()
            await replica.die()
        assert self.work.at_work == {}

    def shares(self) -> list[int]:
        return sorted(Counter(self.work.at_work.values()).values())

    async def all_worked_on(self, *, within: float) -> float:
        return await until(lambda: len(self.work.at_work) == SHARDS, within=within)
