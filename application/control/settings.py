"""What the control loops are given: the ports they speak to, and how they behave."""

from dataclasses import dataclass, field

from application.control.backoff import Backoff
from application.control.circuit_breaker import BreakerLimits
from application.control.observer import ControlObserver
from application.control.provisioner_gate import CallTimeouts
from application.control.watcher import WatcherSettings
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs
from application.mediator.mediator import Mediator
from application.mediator.sender import CommandSender
from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock, Randomness
from application.ports.event_store import EventStore
from application.ports.leases import Leases
from application.ports.provisioner import Provisioner
from application.ports.read_model import ReadModel
from application.ports.replica_notes import ReplicaNotes
from application.ports.unknown_labs import UnknownLabs
from domain.lab_instance.policy import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPorts:
    """What the loops speak to. The mediator's command handlers are registered elsewhere.
    `replica_notes` is None where there is but one replica."""

    store: EventStore
    read_model: ReadModel
    checkpoints: Checkpoints
    leases: Leases
    provisioner: Provisioner
    unknown_labs: UnknownLabs
    mediator: Mediator
    clock: Clock
    randomness: Randomness
    observer: ControlObserver
    recent: RecentLabs
    replica_notes: ReplicaNotes | None = None
    projected: Progress = field(default_factory=Progress)

    def sender(self, actor: str, *, replica: str) -> CommandSender:
        """Who sends commands in the name of a loop."""
        return CommandSender(
            self.mediator, randomness=self.randomness, actor=actor, replica=replica
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSettings:
    """How the loops behave; lengths of time in seconds.

    `key_backoff`: between looks at a lab that cannot be brought further.
    `loop_backoff`: before a loop that died is restarted, or a failed correction repeated.
    `replica`: the name of this one among those that share the stores, the same after a restart.
    `shards`: into how many the labs are divided. `lease`: how long each is held at a time.
    `orphan_grace`: how long a runtime must be unknown to the log before it is set aside.
    `stays`: whether shards are kept for that long after a stop, for this replica to come back.
    """

    limits: Limits
    watcher: WatcherSettings
    timeouts: CallTimeouts
    breaker: BreakerLimits
    key_backoff: Backoff
    loop_backoff: Backoff
    parallelism: int
    max_concurrent_provisioning: int
    reconcile_interval: float
    reconcile_batch: int
    replica: str
    shards: int
    lease: float
    stays: bool
    orphan_grace: float = 300.0
