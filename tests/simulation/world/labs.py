"""The machine on which labs run: the simulated provisioner, with what can be wrong with labs, and
with an eye on what is done to them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random

from application.ports.provisioner import Runtime, RuntimeRequest, SetAside
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Absent, Observation, Running
from infrastructure.simulated.provisioner import SimulatedProvisioner
from tests.simulation.engine.chance import SimulatedRandomness
from tests.simulation.world.network import immediate

USUAL_START = 1.0


class LabMachine:
    """Reached by every replica. `directories` are the work directories, by uid.

    Witnesses are called just before something is done: `before_end` with a runtime's uid, its lab
    and whether its files go too, `before_aside` when they are kept elsewhere. `liars`: uids that
    are reported absent though they run. `revived`: uids that were ended, and begun again by a
    request that arrived twice. `stale`: how many of the next lists are of an earlier moment.
    """

    def __init__(self, chance: Random, *, failing: float) -> None:
        self.real = SimulatedProvisioner(
            delay=USUAL_START,
            failure_rate=failing,
            randomness=SimulatedRandomness(chance),
            shared=True,
        )
        self.directories: dict[str, LabKey] = {}
        self.liars: set[str] = set()
        self.lied: set[str] = set()
        self.revived: set[str] = set()
        self.stale = 0
        self.before_end: Callable[[str, LabKey, bool], None] = lambda uid, lab, files: None
        self.before_aside: Callable[[str, LabKey], None] = lambda uid, lab: None
        self._earlier: Sequence[Runtime] = ()
        self.hints: list[Callable[[str], None]] = []

    def ensure(self, request: RuntimeRequest, *, again: bool = False) -> None:
        """As the port's. `again`: the request has come before."""
        if again and request.uid not in self.directories:
            self.revived.add(request.uid)
        immediate(self.real.ensure(request))
        self.directories[request.uid] = request.lab

    def observe(self, uid: str) -> Observation:
        """As the port's, or a lie."""
        seen = self.see(uid)
        if uid in self.liars and isinstance(seen, Running):
            self.lied.add(uid)
            return Absent()
        return seen

    def see(self, uid: str) -> Observation:
        """The truth."""
        with self._in_service():
            return immediate(self.real.observe(uid))

    def list(self) -> Sequence[Runtime]:
        """As the port's, or as it would have been some time ago."""
        now = immediate(self.real.list())
        if self.stale > 0:
            self.stale -= 1
            return self._earlier
        self._earlier = now
        return now

    def terminate(self, uid: str, *, keep_files: bool) -> str:
        """As the port's."""
        lab = self.directories.get(uid)
        if lab is not None and uid not in self.real.faults.survivors:
            self.before_end(uid, lab, not keep_files)
        proof = immediate(self.real.terminate(uid, keep_files=keep_files))
        if not keep_files:
            self.directories.pop(uid, None)
        return proof

    def set_aside(self, uid: str) -> SetAside:
        """As the port's."""
        if uid in self.directories and uid not in self.real.faults.survivors:
            self.before_aside(uid, self.directories[uid])
        aside = immediate(self.real.set_aside(uid))
        self.directories.pop(uid, None)
        return aside

    def position_of(self, uid: str) -> int:
        """What is written beside a runtime: the event that it was brought up for."""
        return next((one.position for one in self.runtimes if one.uid == uid), 0)

    def plant(self, lab: LabKey, uid: str) -> None:
        """Let a runtime exist that no lab asked for."""
        self.real.plant(lab, uid)
        self.directories[uid] = lab

    def die(self, uid: str) -> None:
        """The lab's process dies, and whoever listens gets a hint."""
        if isinstance(self.see(uid), Absent):
            return
        self.real.kill(uid)
        self.hint(uid)

    def hint(self, uid: str) -> None:
        """Tell everybody that this runtime has ended, true or not."""
        for tell in self.hints:
            tell(uid)

    def heal(self) -> None:
        """Nothing is wrong with any lab from now on."""
        faults = self.real.faults
        faults.outage = ""
        faults.refusal = None
        faults.survivors.clear()
        faults.doomed.clear()
        faults.delays.clear()
        self.liars.clear()
        self.stale = 0

    @property
    def runtimes(self) -> Sequence[Runtime]:
        """Every runtime, in truth."""
        with self._in_service():
            return immediate(self.real.list())

    @contextmanager
    def _in_service(self) -> Iterator[None]:
        faults = self.real.faults
        outage, faults.outage = faults.outage, ""
        yield
        faults.outage = outage
