"""Which labs this replica looks after: those in the shards it holds, while it holds them."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from application.ports.provisioner import Provisioner, ProvisionerError
from application.replicas.kept_leases import KeptLeases
from application.replicas.shard_keeper import ShardKeeper
from application.replicas.shards import shard_of
from application.replicas.under_way import UnderWay, WorkEnded
from application.structures.remembered import Remembered
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Absent

_REMEMBERED = 50_000
_PATIENCE = 1.0


class NotOurs(Exception):
    """The lab is, or has just become, another replica's: whatever was to be done is not."""

    def __init__(self, uid: str) -> None:
        self.uid = uid
        super().__init__(f"lab uid {uid!r} is not looked after here")


class OwnLabs:
    """Implements ShardWork, and says of every lab whether it is this replica's.

    A shard that has begun waits in `arrived` until its labs were looked up and it is opened.
    Work on a lab is ended when its shard is left.
    """

    def __init__(self, kept: KeptLeases, *, shards: int, provisioner: Provisioner) -> None:
        self.keeper = ShardKeeper(kept, self, family="labs", shards=shards)
        self.arrived: set[int] = set()
        self.news = asyncio.Event()
        self._shards = shards
        self._lease = kept.seconds
        self._provisioner = provisioner
        self._open: set[int] = set()
        self._under_way = UnderWay()
        self._uids: Remembered[LabKey, str] = Remembered(_REMEMBERED)

    def shard(self, uid: str) -> int:
        """The lab's shard."""
        return shard_of(uid, self._shards)

    def ours(self, uid: str) -> bool:
        """Whether this replica looks after the lab at this very moment."""
        shard = self.shard(uid)
        return shard in self._open and self.keeper.token(shard) is not None

    def lost(self, uid: str) -> bool:
        """Whether another replica looks after the lab, and cannot reach what runs for it here:
        it has begun anew elsewhere."""
        if self._provisioner.shared or self.ours(uid):
            return False
        return self.shard(uid) in self.keeper.of_others

    def in_reach_of_us_alone(self, uid: str) -> bool:
        """Whether nobody but this replica can clear away what is here of this lab."""
        return not self._provisioner.shared or self.ours(uid)

    @property
    def part(self) -> float:
        """The part of all labs that is looked after here, 0 to 1."""
        return len(self._open) / self._shards

    def learn(self, key: LabKey, uid: str) -> None:
        """The lab of that name has this uid now."""
        self._uids.put(key, uid)

    def elsewhere(self, key: LabKey) -> bool:
        """Whether the lab of that name is known to be no business of this replica."""
        uid = self._uids.peek(key)
        return uid is not None and not self.ours(uid)

    @asynccontextmanager
    async def working_on(self, uid: str) -> AsyncIterator[None]:
        """Work that ends when the lab's shard is left. Raises NotOurs then, or at once."""
        if not self.ours(uid):
            raise NotOurs(uid)
        try:
            async with self._under_way.work(self.shard(uid)):
                yield
        except WorkEnded:
            raise NotOurs(uid) from None

    async def begin(self, shard: int, token: int) -> None:
        self.arrived.add(shard)
        self.news.set()

    def open(self, shards: Collection[int]) -> None:
        """The labs of these shards were looked up: from now on they are worked on."""
        self._open |= self.arrived.intersection(shards)
        self.arrived.difference_update(shards)

    async def end(self, shard: int) -> None:
        self.arrived.discard(shard)
        self._open.discard(shard)
        self.news.set()
        await self._under_way.end(shard, within=self._lease / 10)

    async def bound(self) -> Collection[int]:
        if self._provisioner.shared:
            return ()
        try:
            async with asyncio.timeout(_PATIENCE):
                listed = await self._provisioner.list()
        except (ProvisionerError, TimeoutError):
            return range(self._shards)  # unknown: give up no shard
        return {self.shard(one.uid) for one in listed if one.observation != Absent()}
