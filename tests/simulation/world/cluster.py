"""Everything of one run: what is durable, what lies between, and who looks on."""

from typing import TypeVar

from application.ports.views import ApiObjectView, LabInstanceView, ViewChange
from application.projections.origin import origin_of
from application.replicas.shards import shard_of
from infrastructure.memory.audit_records import MemoryAuditRecords
from infrastructure.memory.checkpoints import MemoryCheckpoints
from infrastructure.memory.leases import MemoryLeases
from infrastructure.memory.objects import MemoryApiObjects
from infrastructure.memory.read_model import MemoryReadModel
from tests.simulation.engine.chance import stream
from tests.simulation.engine.loop import SimulatedLoop
from tests.simulation.engine.timeline import Timeline
from tests.simulation.invariants.oracle import Oracle
from tests.simulation.invariants.verdicts import Verdicts
from tests.simulation.invariants.views import Folds, api_objects_in
from tests.simulation.world.clocks import WallClock
from tests.simulation.world.labs import LabMachine
from tests.simulation.world.log import SimulatedLog
from tests.simulation.world.network import Network, immediate
from tests.simulation.world.swarm import Swarm

K = TypeVar("K")
V = TypeVar("V", LabInstanceView, ApiObjectView)


class Cluster:
    """The stores, the machine and the network that all replicas share. `clock` is that of the
    stores; replicas have clocks of their own."""

    def __init__(self, seed: int, swarm: Swarm, loop: SimulatedLoop, timeline: Timeline) -> None:
        self.seed = seed
        self.swarm = swarm
        self.loop = loop
        self.timeline = timeline
        self.verdicts = Verdicts()
        self.clock = WallClock(loop)
        self.network = Network(
            loop, stream(seed, "network"), latency=swarm.latency, timeline=timeline
        )
        self.log = SimulatedLog(self.clock, stream(seed, "positions"))
        self.machine = LabMachine(stream(seed, "labs"), failing=swarm.failing)
        self.read_model = MemoryReadModel()
        self.api_objects = MemoryApiObjects()
        self.checkpoints = MemoryCheckpoints()
        self.audit_records = MemoryAuditRecords()
        self.leases = MemoryLeases(self.clock)
        self.oracle = Oracle(self.log, self.machine, self.verdicts, timeline)
        self.folds = Folds(self.log)
        self.lost_after: list[int] = []

    def holder_of(self, uid: str) -> str | None:
        """Who looks after a lab, as the store of the leases knows it."""
        shards = self.swarm.settings.shards
        name = f"labs-{shards}-shard-{shard_of(uid, shards)}"
        return immediate(self.leases.holders()).get(name)

    def restore_views(self, position: int) -> None:
        """The views are those of an older copy, which had come to this position."""
        self.read_model = MemoryReadModel()
        self.api_objects = MemoryApiObjects()
        if not self.log.recorded or not position:
            return
        immediate(self.read_model.claim(origin_of(self.log.recorded[0])))
        earlier = [one for one in self.log.recorded if one.position <= position]
        objects = api_objects_in(earlier)
        immediate(self.api_objects.apply([_made(key, view) for key, view in objects.items()]))
        labs = self.folds.all_at(position)
        changes = [_made(key, view) for key, view in labs.items()]
        immediate(self.read_model.apply(changes, position=position))

    def lose_the_end(self, position: int) -> None:
        """The log is an older copy, which ended at this position."""
        self.network.forget_what_is_in_flight()
        self.log.cut(position)
        self.lost_after.append(position)
        self.folds.begin_anew()
        self.oracle.begin_anew()


def _made(key: K, view: V) -> ViewChange[K, V]:
    at = view.resource_version
    return ViewChange(position=at, key=key, before=None, after=view, deleted=None)
