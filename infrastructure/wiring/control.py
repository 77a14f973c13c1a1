"""The control loops, with the settings given; what no setting says is decided here."""

from datetime import timedelta

from application.control.assembly import Control
from application.control.backoff import Backoff
from application.control.circuit_breaker import BreakerLimits
from application.control.provisioner_gate import CallTimeouts
from application.control.settings import ControlPorts, ControlSettings
from application.control.watcher import WatcherSettings
from infrastructure.settings import Settings
from infrastructure.telemetry.control_metrics import ControlMetrics

LOOP_BACKOFF = Backoff(base=0.2, cap=10.0)
_KEY_BACKOFF = Backoff(base=0.2, cap=60.0)
_LEASE = 15.0
_MACHINE_AWAY = 300.0
"""How long labs that are processes wait for their machine before they begin anew elsewhere."""


def control_over(
    ports: ControlPorts, settings: Settings, replica: str, observer: ControlMetrics
) -> Control:
    """The loops over these ports, followed by `observer`."""
    control = Control(ports, control_settings(settings, replica))
    observer.follow(
        queue_depth=lambda: control.queue.depth,
        circuit=lambda: control.breaker.state,
        shards=lambda: len(control.own.keeper.mine),
        unknown=lambda: control.unknown.count,
    )
    return control


def control_settings(settings: Settings, replica: str) -> ControlSettings:
    """The loops' settings, for the replica of that name."""
    tied = settings.provisioner == "process"
    return ControlSettings(
        limits=settings.limits(),
        watcher=WatcherSettings(
            pushes=True,
            poll_interval=settings.poll_interval.total_seconds(),
            tolerance=10.0,
            backoff=LOOP_BACKOFF,
        ),
        timeouts=CallTimeouts(ensure=30.0, observe=5.0, list=15.0, terminate=30.0, probe=5.0),
        breaker=BreakerLimits(
            threshold=5, first=timedelta(seconds=5), longest=timedelta(minutes=1)
        ),
        key_backoff=_KEY_BACKOFF,
        loop_backoff=LOOP_BACKOFF,
        parallelism=settings.controller_parallelism,
        max_concurrent_provisioning=settings.max_concurrent_provisioning,
        reconcile_interval=settings.reconcile_interval.total_seconds(),
        reconcile_batch=settings.reconcile_batch,
        replica=replica,
        shards=settings.shards,
        lease=_MACHINE_AWAY if tied else _LEASE,
        stays=tied,
    )
