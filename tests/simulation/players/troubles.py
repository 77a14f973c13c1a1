"""The troubles: each has its moment and, unless it heals by itself, lasts for a while."""

import asyncio
from collections.abc import Callable, Mapping
from random import Random

from application.ports.provisioner import RuntimeRefused
from domain.lab_instance.key import LabKey
from tests.simulation.engine.chance import SimulatedRandomness, stream
from tests.simulation.players.replica import Replica
from tests.simulation.players.restoring import Restoring
from tests.simulation.world.cluster import Cluster
from tests.simulation.world.network import Peer, Weather

_FREEZES = (0.2, 2.0, 17.0, 35.0)
_FREEZES_IN_FLIGHT = (2.0, 20.0, 20.0, 35.0)
_LASTS = (0.5, 2.0, 6.0, 20.0)
_JUMPS = (-3600.0, -20.0, -1.0, 1.0, 20.0, 3600.0)


class Troubles:
    """What can go wrong, by its name. Trouble number n of a seed draws from chance of its own, so
    that leaving others out does not change it."""

    def __init__(self, cluster: Cluster, replicas: list[Replica], labs: list[LabKey]) -> None:
        self._cluster = cluster
        self._replicas = replicas
        self._labs = labs
        self._restoring = Restoring(cluster, replicas)
        self._freezes = stream(cluster.seed, "freezes")
        cluster.network.freeze = self._freeze_in_flight

    async def come(self, number: int) -> None:
        """Wait for the moment of this one, and let it happen."""
        chance = stream(self._cluster.seed, f"trouble/{number}")
        await asyncio.sleep(chance.uniform(0.0, self._cluster.swarm.lasting))
        kind = chance.choice(self._cluster.swarm.kinds)
        self._cluster.timeline.say("trouble", f"{number}: {kind}")
        KINDS[kind](self, chance)

    def heal(self) -> None:
        """Nothing is wrong from now on, and whoever is down comes back. Who is frozen goes on
        when its time has come: by then others have taken over its work."""
        self._cluster.timeline.say("trouble", "everything is healed")
        self._cluster.network.weather = Weather()
        self._cluster.machine.heal()
        for replica in self._replicas:
            replica.clock.set_right()
            replica.process.steps_left = None
            replica.process.calls_left = None
            replica.wanted = True
            replica.start()

    def decide_on_unknown_labs(self) -> None:
        """The operator gives up whatever he is told of."""
        for replica in self._replicas:
            uids = {one.uid for one in replica.unknown_labs.told}
            self._cluster.oracle.discarded |= uids
            replica.unknown_labs.discarded |= uids

    def kill(self, chance: Random) -> None:
        """At once."""
        self._one(chance).kill()

    def kill_at_a_step(self, chance: Random) -> None:
        """Between any two steps: at any await of anything that goes on in the process."""
        self._one(chance).process.steps_left = chance.randint(1, 3000)

    def kill_at_a_call(self, chance: Random) -> None:
        """Just before a call, or when it is on its way."""
        self._one(chance).process.calls_left = chance.randint(1, 200)

    def stop(self, chance: Random) -> None:
        """In order."""
        self._one(chance).stop()

    def freeze(self, chance: Random) -> None:
        """As SIGSTOP and SIGCONT do, or a machine that is suspended."""
        self._one(chance).freeze(chance.choice(_FREEZES))

    def freeze_in_flight(self, chance: Random) -> None:
        """With a call under way to the machine of the labs, mostly for longer than a lease."""
        self._weather("frozen_in_flight", 0.1, chance)

    def cut_off(self, chance: Random) -> None:
        """One replica from one peer, in silence or with refusals."""
        way = self._one(chance).name, chance.choice([*Peer])
        cut = self._cluster.network.weather.cut
        cut[way] = chance.random() < 0.5
        self._cluster.network.later(chance.choice(_LASTS), lambda: cut.pop(way, None))

    def peer_away(self, chance: Random) -> None:
        """One peer from everybody."""
        peer, refused = chance.choice([*Peer]), chance.random() < 0.5
        cut = self._cluster.network.weather.cut
        for replica in self._replicas:
            cut[replica.name, peer] = refused
        self._cluster.network.later(
            chance.choice(_LASTS),
            lambda: [cut.pop((one.name, peer), None) for one in self._replicas],
        )

    def lose_requests(self, chance: Random) -> None:
        """Some."""
        self._weather("lost_requests", chance.choice((0.05, 0.3)), chance)

    def lose_replies(self, chance: Random) -> None:
        """Some: what was asked for is done, and nobody hears of it."""
        self._weather("lost_replies", chance.choice((0.05, 0.3)), chance)

    def repeat_requests(self, chance: Random) -> None:
        """Some arrive twice, the second time at any later moment."""
        self._weather("repeated", 0.3, chance)

    def answer_late(self, chance: Random) -> None:
        """One peer."""
        peer, late = chance.choice([*Peer]), self._cluster.network.weather.late
        late[peer] = chance.choice((0.5, 3.0, 20.0))
        self._cluster.network.later(chance.choice(_LASTS), lambda: late.pop(peer, None))

    def lab_dies(self, chance: Random) -> None:
        """Any that runs."""
        if uid := self._runtime(chance):
            self._cluster.machine.die(uid)

    def lab_hangs(self, chance: Random) -> None:
        """It never gets ready."""
        delays, lab = self._cluster.machine.real.faults.delays, chance.choice(self._labs)
        delays[lab] = 1000.0
        self._cluster.network.later(chance.choice(_LASTS), lambda: delays.pop(lab, None))

    def lab_fails(self, chance: Random) -> None:
        """Its starts end at once."""
        doomed, lab = self._cluster.machine.real.faults.doomed, chance.choice(self._labs)
        doomed.add(lab)
        self._cluster.network.later(chance.choice(_LASTS), lambda: doomed.discard(lab))

    def lab_lies(self, chance: Random) -> None:
        """It is reported absent, though it runs."""
        liars, uid = self._cluster.machine.liars, self._runtime(chance)
        if uid:
            liars.add(uid)
            self._cluster.network.later(chance.choice(_LASTS), lambda: liars.discard(uid))

    def false_hint(self, chance: Random) -> None:
        """It is said to have ended, and has not."""
        if uid := self._runtime(chance):
            self._cluster.machine.hint(uid)

    def stale_list(self, chance: Random) -> None:
        """Lists of runtimes are older than they should be."""
        self._cluster.machine.stale = chance.randint(1, 4)

    def survivor(self, chance: Random) -> None:
        """A runtime cannot be ended."""
        survivors, uid = self._cluster.machine.real.faults.survivors, self._runtime(chance)
        if uid:
            survivors.add(uid)
            self._cluster.network.later(chance.choice(_LASTS), lambda: survivors.discard(uid))

    def refuse_starts(self, chance: Random) -> None:
        """No lab can be brought up at present."""
        faults = self._cluster.machine.real.faults
        faults.refusal = RuntimeRefused("NoRoom", "there is no room", permanent=False)
        self._cluster.network.later(
            chance.choice(_LASTS), lambda: setattr(faults, "refusal", None)
        )

    def out_of_service(self, chance: Random) -> None:
        """The provisioner says so."""
        faults = self._cluster.machine.real.faults
        faults.outage = "out of service"
        self._cluster.network.later(chance.choice(_LASTS), lambda: setattr(faults, "outage", ""))

    def plant_an_orphan(self, chance: Random) -> None:
        """Something runs that no lab asked for."""
        self._cluster.machine.plant(chance.choice(self._labs), SimulatedRandomness(chance).uid())

    def set_the_clock(self, chance: Random) -> None:
        """Of one replica, forward or back."""
        self._one(chance).clock.jump(chance.choice(_JUMPS))

    def restore_views(self, chance: Random) -> None:
        """An older copy of the views, with every replica down."""
        self._restoring.views(chance)

    def restore_checkpoints(self, chance: Random) -> None:
        """An older checkpoint of the watcher, or none, with every replica down."""
        self._restoring.checkpoints(chance)

    def restore_log(self, chance: Random) -> None:
        """An older copy of the log; the operator makes the views anew, some time later."""
        self._restoring.log(chance)

    def _one(self, chance: Random) -> Replica:
        return chance.choice(self._replicas)

    def _runtime(self, chance: Random) -> str:
        known = sorted(runtime.uid for runtime in self._cluster.machine.runtimes)
        return chance.choice(known) if known else ""

    def _weather(self, what: str, chance_of_each: float, chance: Random) -> None:
        weather = self._cluster.network.weather
        setattr(weather, what, chance_of_each)
        self._cluster.network.later(chance.choice(_LASTS), lambda: setattr(weather, what, 0.0))

    def _freeze_in_flight(self, process: object) -> None:
        for replica in self._replicas:
            if replica.process is process:
                replica.freeze(self._freezes.choice(_FREEZES_IN_FLIGHT))


Kind = Callable[[Troubles, Random], None]

KINDS: Mapping[str, Kind] = {
    name: kind
    for name, kind in vars(Troubles).items()
    if not name.startswith("_") and name not in {"come", "heal", "decide_on_unknown_labs"}
}
"""Every kind of trouble, by its name."""
