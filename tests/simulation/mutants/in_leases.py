"""Mistakes in who looks after what."""

from typing import Any

from application.replicas.kept_leases import KeptLeases, _Kept
from application.replicas.shard_keeper import ShardKeeper
from tests.simulation.mutants.mutant import Mutant, method

_TOO_LONG = 3.0


def _relied_on(original: Any) -> Any:
    def _keep(self: Any, lease: Any, asked: float) -> None:
        self._kept[lease.name] = _Kept(lease, asked + _TOO_LONG * self.seconds)

    return _keep


def _never_left(original: Any) -> Any:
    async def _leave(self: Any, *shards: int) -> None:
        return

    return _leave


IN_LEASES = {
    "lease-relied-on-too-long": Mutant(
        mistake="a lease is counted on for longer than it lasts",
        apply=method(KeptLeases, "_keep", _relied_on),
    ),
    "work-not-ended": Mutant(
        mistake="the work for a shard goes on when it is left",
        apply=method(ShardKeeper, "_leave", _never_left),
    ),
}
