"""The operator who puts older copies in the place of what is stored, as operations.md says."""

from random import Random

from application.ports.checkpoints import Checkpoint
from application.projections.origin import origin_of
from infrastructure.memory.checkpoints import MemoryCheckpoints
from tests.simulation.players.replica import Replica
from tests.simulation.world.cluster import Cluster
from tests.simulation.world.network import immediate

_WATCHER = "watcher"


class Restoring:
    """Every replica is down while something is restored."""

    def __init__(self, cluster: Cluster, replicas: list[Replica]) -> None:
        self._cluster = cluster
        self._replicas = replicas

    def views(self, chance: Random) -> None:
        """The views are as they were at some earlier position, or empty."""
        self._down()
        self._cluster.restore_views(self._some_position(chance))
        self._up()

    def checkpoints(self, chance: Random) -> None:
        """The watcher's checkpoint is an earlier one, or gone."""
        self._down()
        self._cluster.checkpoints = MemoryCheckpoints()
        if self._cluster.log.recorded:
            origin = origin_of(self._cluster.log.recorded[0])
            earlier = Checkpoint(position=self._some_position(chance), origin=origin)
            immediate(self._cluster.checkpoints.save(_WATCHER, earlier))
        self._up()

    def log(self, chance: Random) -> None:
        """The log has lost its end. The service refuses views that are ahead of it, until the
        operator has made them anew."""
        self._down()
        self._cluster.lose_the_end(self._some_position(chance))
        self._up()
        self._cluster.network.later(chance.choice((0.0, 3.0)), self._rebuild)

    def _rebuild(self) -> None:
        self._down()
        self._cluster.timeline.say("operator", "makes the views anew")
        self._cluster.restore_views(0)
        self._up()

    def _down(self) -> None:
        for replica in self._replicas:
            replica.wanted = False
            replica.kill()

    def _up(self) -> None:
        for replica in self._replicas:
            replica.wanted = True
            replica.start()

    def _some_position(self, chance: Random) -> int:
        positions = [0, *(one.position for one in self._cluster.log.recorded[-30:])]
        return chance.choice(positions)
