"""Looks on while things happen: what must never be, not even for a moment."""

from collections.abc import Callable, Collection, Sequence

from application.event_log.api_objects import key_of as key_of_object
from application.event_log.labs import is_lab_stream, key_of, stream_of
from application.ports.event_store import RecordedEvent
from domain.api_object.events import ApiObjectRemoved, RemovalRequested
from domain.api_object.key import ApiObjectKind
from domain.lab_instance.end_facts import Deleted
from domain.lab_instance.events import DriftDetected
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Absent, Running
from tests.simulation.engine.timeline import Timeline
from tests.simulation.invariants.lives import IllegalHistory, Life, Stage
from tests.simulation.invariants.verdicts import Verdicts
from tests.simulation.world.labs import LabMachine
from tests.simulation.world.log import SimulatedLog

_KEPT = "no work is destroyed that the log did not end"


class Oracle:
    """A witness of the log and of the machine. `lives` is what the log amounts to by now,
    `effects` what each command has led to; `discarded` are the uids of unknown labs that the
    operator has given up."""

    def __init__(
        self, log: SimulatedLog, machine: LabMachine, verdicts: Verdicts, timeline: Timeline
    ) -> None:
        self.lives: dict[str, Life] = {}
        self.effects: dict[str, RecordedEvent] = {}
        self.set_aside = 0
        self.discarded: set[str] = set()
        self._emptied: dict[str, Collection[str]] = {}
        self._log = log
        self._machine = machine
        self._verdicts = verdicts
        self._timeline = timeline
        log.witnesses.append(self._recorded)
        log.followed_from = self._followed
        machine.before_end = self._before_end
        machine.before_aside = self._before_aside

    def begin_anew(self) -> None:
        """The log has lost its end: what it says now is what counts."""
        self.lives.clear()
        self.effects.clear()
        self._emptied.clear()
        for recorded in self._log.recorded:
            self._learn(recorded)

    def life(self, lab: LabKey) -> Life:
        """The life of that name."""
        return self.lives.get(stream_of(lab), Life())

    def before_call(
        self, replica: str, holder_of: Callable[[str], str | None]
    ) -> Callable[[str], None]:
        """What a replica must show before it looks at a runtime or asks for one: that the lab is
        in its hands, as the store of the leases knows it."""

        def look(uid: str) -> None:
            holder = holder_of(uid)
            self._verdicts.check(
                holder == replica,
                "labs are looked after only with the lease",
                f"{replica} calls about lab uid {uid}, which is {holder or 'nobody'}'s",
            )

        return look

    def _recorded(self, events: Sequence[RecordedEvent]) -> None:
        for recorded in events:
            name = type(recorded.event).__name__
            self._timeline.say("log", f"{recorded.position} {recorded.stream} {name}")
        command = events[0].metadata.get("commandId", "")
        earlier = self.effects.get(command)
        if earlier is not None:
            detail = f"{command} at {earlier.position} and at {events[0].position}"
            self._verdicts.broken("one command id, one effect", detail)
        for recorded in events:
            self._learn(recorded)
            self._contradict(recorded)

    def _learn(self, recorded: RecordedEvent) -> None:
        self.effects[recorded.metadata.get("commandId", "")] = recorded
        if not is_lab_stream(recorded.stream):
            return
        try:
            self.lives.setdefault(recorded.stream, Life()).take(recorded)
        except IllegalHistory as illegal:
            detail = f"{recorded.stream} at {recorded.position}: {illegal}"
            self._verdicts.broken("every history is legal", detail)

    def _contradict(self, recorded: RecordedEvent) -> None:
        if isinstance(recorded.event, RemovalRequested | ApiObjectRemoved):
            self._mind_namespaces(recorded)
            return
        if not isinstance(recorded.event, Deleted | DriftDetected):
            return
        life = self.lives[recorded.stream]
        seen = self._machine.see(life.uid)
        match recorded.event:
            case Deleted(proof=proof) if proof:
                gone = isinstance(seen, Absent) and life.uid not in self._machine.directories
                was_gone = gone or life.uid in self._machine.revived  # after the proof
                detail = f"{key_of(recorded.stream)}: {seen}"
                self._verdicts.check(was_gone, "deleted only when nothing is left", detail)
            case Deleted():
                return  # an administrator has let go of it, gone or not
            case DriftDetected(revision=revision):
                runs = isinstance(seen, Running) and seen.revision == revision
                lied = life.uid in self._machine.lied
                detail = f"{key_of(recorded.stream)}: {seen}"
                self._verdicts.check(lied or not runs, "drift only where there is any", detail)

    def _mind_namespaces(self, recorded: RecordedEvent) -> None:
        """Labs that are in a namespace when it begins to go are gone before it. One that comes
        later, to a replica that has not heard, is no fault of whoever looks."""
        key = key_of_object(recorded.stream)
        if key.kind is not ApiObjectKind.NAMESPACE:
            return
        inside = {
            life.uid: str(key_of(stream))
            for stream, life in self.lives.items()
            if key_of(stream).namespace == key.name
            and life.stage not in (Stage.NOWHERE, Stage.GONE)
        }
        if isinstance(recorded.event, RemovalRequested):
            self._emptied[key.name] = inside.keys()
            return
        left = inside.keys() & self._emptied.pop(key.name, frozenset())
        self._verdicts.check(
            not left,
            "no namespace goes while labs are in it",
            f"{key.name} at {recorded.position}: {', '.join(sorted(inside[uid] for uid in left))}",
        )

    def _followed(self, position: int) -> None:
        self._verdicts.check(
            position <= self._log.head,
            "no checkpoint of another log is followed",
            f"from {position}, and the log ends at {self._log.head}",
        )

    def _before_end(self, uid: str, lab: LabKey, files: bool) -> None:
        life = self.life(lab)
        if uid not in life.uids:
            detail = f"{lab} {uid}, which the log does not know"
            self._verdicts.check(not files, _KEPT, detail)
            return
        if files:
            self._verdicts.check(
                life.has_ended(uid),
                _KEPT,
                f"{lab} {uid}",
            )
        seen = self._machine.see(uid)
        in_use = life.stage is Stage.READY and life.uid == uid and isinstance(seen, Running)
        self._verdicts.check(
            not (in_use and isinstance(seen, Running) and seen.revision == life.revision),
            "no lab in use is stopped",
            f"{lab} {uid}",
        )

    def _before_aside(self, uid: str, lab: LabKey) -> None:
        self.set_aside += 1
        known = uid in self.life(lab).uids and not self.life(lab).has_ended(uid)
        newer = self._machine.position_of(uid) > self._log.head and uid not in self.discarded
        self._verdicts.check(
            not known and not newer, "in doubt nothing is touched", f"{lab} {uid} is set aside"
        )
