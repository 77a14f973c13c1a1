"""A client that lists labs once and then keeps its copy by watching, as Kubernetes' clients do."""

import asyncio
from random import Random

from application.mediator.questions import NOW, ListLabInstances, ResourceVersionTooLarge
from application.ports.outages import OUTAGES
from application.ports.selectors import EVERYTHING
from application.ports.views import LabChange, LabInstanceView
from application.projections.watch_feed import Bookmark
from application.service import Service
from domain.lab_instance.key import LabKey
from tests.simulation.engine.chance import stream
from tests.simulation.players.replica import NoAnswer, Replica
from tests.simulation.world.cluster import Cluster

_PATIENCE = 3.0
_LOOKS = 0.5
_SILENT = 4.0


class WatchingClient:
    """Its copy must be what the log amounts to, whenever it is told that it has seen everything
    up to a position; and no change may come twice, out of order, or from nowhere."""

    def __init__(self, name: str, cluster: Cluster, replicas: list[Replica]) -> None:
        self.name = name
        self.copy: dict[LabKey, LabInstanceView] = {}
        self.position = 0
        self.heard = 0
        self._losses = 0
        self._listed = False
        self._epoch = 0
        self._cluster = cluster
        self._replicas = replicas
        self._chance: Random = stream(cluster.seed, f"watcher/{name}")

    async def work(self) -> None:
        """List and watch for ever, at one replica after the other."""
        while True:
            replica = self._chance.choice(self._replicas)
            if not self._is_of_this_log() or self._chance.random() < 0.2:
                await self._list(replica)
            if self._listed and self._is_of_this_log():
                await self._watch(replica)
            await asyncio.sleep(_LOOKS)

    def _is_of_this_log(self) -> bool:
        return self._listed and self._losses == len(self._cluster.lost_after)

    async def _list(self, replica: Replica) -> None:
        question = ListLabInstances(wanted=EVERYTHING, moment=NOW, after=None, limit=500)
        losses = len(self._cluster.lost_after)
        try:
            page = await replica.request(
                lambda service: service.mediator.ask(question), patience=_PATIENCE
            )
        except (NoAnswer, ResourceVersionTooLarge, *OUTAGES):
            return
        self._epoch += 1
        self._losses = losses
        self._listed = True
        self.copy = {view.lab.key: view for view in page.views}
        self.position = page.position

    async def _watch(self, replica: Replica) -> None:
        """Watch until the replica ends, or has been silent for long."""
        self._epoch += 1
        life, epoch, after = replica.process, self._epoch, self.position
        try:
            await replica.request(
                lambda service: self._begin(service, epoch, after), patience=_PATIENCE
            )
        except NoAnswer:
            return
        heard, quiet = -1, 0.0
        while life.alive and quiet < _SILENT and self._is_of_this_log():
            quiet = 0.0 if heard != self.heard else quiet + _LOOKS
            heard = self.heard
            await asyncio.sleep(_LOOKS)
        self._epoch += 1  # what still comes from there is not listened to

    async def _begin(self, service: Service, epoch: int, after: int) -> None:
        """Runs in the replica: it sends until nobody listens any more."""
        self._cluster.loop.create_task(self._serve(service, epoch, after))

    async def _serve(self, service: Service, epoch: int, after: int) -> None:
        try:
            async for item in service.watch_feed.changes(after=after):
                if epoch != self._epoch:
                    return
                self._hear(item)
        except (ResourceVersionTooLarge, *OUTAGES):
            return

    def _hear(self, item: LabChange | Bookmark) -> None:
        if not self._is_of_this_log():
            return
        self.heard += 1
        if isinstance(item, Bookmark):
            self._expect(item.position >= self.position, f"back to {item.position}")
            self.position = item.position
            self._compare(item.position)
            return
        self._expect(item.position > self.position, f"{item.key} at {item.position} again")
        now = self._cluster.folds.at(item.key, item.position)
        self._expect(item.after == now, f"{item.key} at {item.position} is not so")
        self.position = item.position
        if item.after is None:
            self.copy.pop(item.key, None)
        else:
            self.copy[item.key] = item.after

    def _expect(self, holds: bool, what: str) -> None:
        detail = f"{self.name} after {self.position}: {what}"
        self._cluster.verdicts.check(holds, "nothing is delivered twice or out of order", detail)

    def _compare(self, position: int) -> None:
        right = self._cluster.folds.all_at(position)
        wrong = [
            str(key)
            for key in sorted({*right, *self.copy})
            if right.get(key) != self.copy.get(key)
        ]
        detail = f"{self.name} at {position}: {', '.join(wrong)}"
        self._cluster.verdicts.check(not wrong, "watchers miss nothing", detail)
