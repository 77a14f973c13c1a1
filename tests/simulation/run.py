"""One run: a seed decides everything that happens."""

import asyncio
import gc
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from domain.lab_instance.key import LabKey
from tests.simulation.engine.chance import stream
from tests.simulation.engine.loop import (
    EndlessWork,
    NothingLeftToWaitFor,
    SimulatedLoop,
    number_timeouts,
)
from tests.simulation.engine.timeline import Timeline
from tests.simulation.invariants.endings import check_endings, unsettled
from tests.simulation.invariants.logged import ErrorsLogged
from tests.simulation.invariants.verdicts import Violation
from tests.simulation.players.client import Client
from tests.simulation.players.errands import declare, unguard
from tests.simulation.players.replica import Replica
from tests.simulation.players.troubles import KINDS, Troubles
from tests.simulation.players.watcher import WatchingClient
from tests.simulation.world.cluster import Cluster
from tests.simulation.world.swarm import draw_swarm

_SETTLED_WITHIN = 100.0
_LOOKS = 0.5
_STAYS_SETTLED = 2
_NAMESPACES = ("default", "course")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a seed. `figures` count what it went through."""

    seed: int
    violation: Violation | None
    digest: str
    lines: list[str]
    figures: dict[str, float] = field(default_factory=dict)


def prepare() -> None:
    """What this operating system process must do once before its first run: the collector must
    never run in one, for it would finalize what earlier runs have left."""
    number_timeouts()
    gc.collect()
    gc.freeze()
    gc.disable()


def simulate(seed: int, *, without: frozenset[int] = frozenset()) -> Outcome:
    """Run one seed, if wanted without some of its troubles."""
    timeline = Timeline()
    swarm = draw_swarm(seed, tuple(KINDS))
    loop = SimulatedLoop(stream(seed, "order"), permuted=swarm.permuted, timeline=timeline)
    cluster = Cluster(seed, swarm, loop, timeline)
    run = _Run(cluster, without)
    _KEPT.append((loop, run))
    with ErrorsLogged(cluster.verdicts):
        try:
            loop.run_until_complete(run.go())
        except (NothingLeftToWaitFor, EndlessWork) as stuck:
            cluster.verdicts.broken("every lab settles once faults stop", repr(stuck))
    violation = cluster.verdicts.first
    if violation is not None:
        timeline.say("verdict", str(violation))
    return Outcome(
        seed=seed,
        violation=violation,
        digest=timeline.digest,
        lines=timeline.lines,
        figures=run.figures(),
    )


_KEPT: list[object] = []


class _Run:
    """Trouble first, then peace until everything has settled."""

    def __init__(self, cluster: Cluster, without: frozenset[int]) -> None:
        swarm = cluster.swarm
        self._cluster = cluster
        self._without = without
        self._labs = [
            LabKey(_NAMESPACES[number % 2], f"lab-{number}") for number in range(swarm.labs)
        ]
        self._replicas = [Replica(name, cluster) for name in "ab"[: swarm.replicas]]
        self._troubles = Troubles(cluster, self._replicas, self._labs)
        self._clients = [
            Client(f"client-{n}", cluster, self._replicas) for n in range(swarm.clients)
        ]
        self._watchers = [WatchingClient(f"watcher-{n}", cluster, self._replicas) for n in (1, 2)]
        self._settled_after = 0.0

    def figures(self) -> dict[str, float]:
        """What was gone through."""
        return {
            "steps": self._cluster.loop.steps,
            "calls": self._cluster.network.calls,
            "events": len(self._cluster.log.recorded),
            "lives": sum(replica.lives for replica in self._replicas),
            "acknowledged": sum(len(client.told) for client in self._clients),
            "heard": sum(watcher.heard for watcher in self._watchers),
            "settled_after": self._settled_after,
            "set_aside": self._cluster.oracle.set_aside,
        }

    async def go(self) -> None:
        """Everything. Ends early when something is not as it must be."""
        for replica in self._replicas:
            replica.start()
        working = asyncio.gather(*self._works())
        watching = [asyncio.ensure_future(watcher.work()) for watcher in self._watchers]
        while not working.done() and self._cluster.verdicts.first is None:
            await asyncio.sleep(_LOOKS)
        if working.done():
            working.result()
            self._troubles.heal()
            await self._settle()
        for one in watching:
            if one.done():
                one.result()

    def _works(self) -> list[Coroutine[Any, Any, None]]:
        until = self._cluster.swarm.lasting
        troubles = [n for n in range(self._cluster.swarm.troubles) if n not in self._without]
        return [
            *(self._clients[0].run(declare, lab) for lab in self._labs),
            *(client.work(self._labs, until=until) for client in self._clients),
            *(self._troubles.come(number) for number in troubles),
        ]

    async def _settle(self) -> None:
        begun = self._cluster.loop.time()
        calm = 0
        while calm < _STAYS_SETTLED:
            if self._cluster.verdicts.first is not None:
                return
            left = unsettled(self._cluster, self._watchers)
            calm = 0 if left else calm + 1
            if any(replica.process.frozen for replica in self._replicas):
                calm, begun = 0, self._cluster.loop.time()
            self._settled_after = self._cluster.loop.time() - begun
            if self._settled_after > _SETTLED_WITHIN:
                self._cluster.verdicts.broken(
                    "every lab settles once faults stop", "; ".join(left)
                )
                return
            self._troubles.decide_on_unknown_labs()
            await asyncio.sleep(_LOOKS * 4)
            for key in self._labs:
                await self._clients[0].run(unguard, key)
        check_endings(self._cluster, self._clients)
