"""Who writes the views: one replica at a time, and the others follow it."""

import logging
from collections.abc import Awaitable, Callable, Collection

from application.replicas.kept_leases import KeptLeases
from application.replicas.shard_keeper import ShardKeeper
from application.replicas.under_way import UnderWay, WorkEnded

log = logging.getLogger(__name__)

_FOLLOWING = 0
_PROJECTING = 1

Run = Callable[[], Awaitable[None]]


class ViewWriter:
    """Projects while the lease of the views is held, and follows otherwise.

    Implements ShardWork for the one piece of work there is. Two that project at once, for a
    moment, do no harm: an older view never replaces a newer one.
    """

    def __init__(
        self, kept: KeptLeases, *, project: Run, follow: Run, family: str = "projector"
    ) -> None:
        self._family = family
        self.keeper = ShardKeeper(kept, self, family=family, shards=1)
        self._runs = {_PROJECTING: project, _FOLLOWING: follow}
        self._role = _FOLLOWING
        self._under_way = UnderWay()
        self._patience = kept.seconds / 10

    @property
    def projects(self) -> bool:
        """Whether the views are written here."""
        return self._role == _PROJECTING

    async def run(self) -> None:
        """Do what is to be done now, for ever. Raises what comes of it; run again then."""
        while True:
            role = self._role
            try:
                async with self._under_way.work(role):
                    await self._runs[role]()
            except WorkEnded:
                role_now = "it writes" if self.projects else "it follows who writes"
                log.info(role_now, extra={"part": self._family})

    async def begin(self, shard: int, token: int) -> None:
        self._role = _PROJECTING
        await self._under_way.end(_FOLLOWING, within=self._patience)

    async def end(self, shard: int) -> None:
        self._role = _FOLLOWING
        await self._under_way.end(_PROJECTING, within=self._patience)

    async def bound(self) -> Collection[int]:
        return ()
