"""Says of a lab that waits for a permit what it waits for: from the queue where it is kept here,
from the notes of the replica that keeps it elsewhere. It changes nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.control.permits import Permits
from application.ports.clock import Clock
from application.ports.replica_notes import ReplicaNote
from application.replicas.own_labs import OwnLabs
from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.waiting import may_wait

_COUNTED_EVERY = 1.0
_NOTES_LAST = 15.0
_MOST_NAMESPACES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """The queue of one namespace, which counts until its time on the loop's clock, and how many
    namespaces have one."""

    until: float
    places: Mapping[LabKey, int]
    namespaces: int


class Waiting:
    """Tells it when it is asked, so that a crowd that waits costs nothing until somebody looks.

    A place is counted at most once a second in each namespace, for all who ask.
    """

    def __init__(self, permits: Permits, own: OwnLabs, clock: Clock) -> None:
        self._permits = permits
        self._own = own
        self._clock = clock
        self._queues: dict[str, _Counted] = {}
        self._notes: Sequence[ReplicaNote] = ()
        self._noted_at = 0.0

    def told(self, lab: LabInstance) -> str:
        """What the lab waits for; empty if it waits for no permit, or nobody knows here."""
        if not may_wait(lab):
            return ""
        if self._permits.waits(lab.key):
            return self._of_ours(lab.key)
        return "" if self._own.ours(lab.uid) else self._of_others(lab)

    def learn(self, notes: Sequence[ReplicaNote]) -> None:
        """What other replicas say now. It counts for 15 s."""
        self._notes, self._noted_at = notes, _now()

    def note(self, replica: str) -> ReplicaNote:
        """What this replica says to the others."""
        waiting = self._permits.waiting_by_namespace
        most = sorted(waiting, key=waiting.__getitem__, reverse=True)[:_MOST_NAMESPACES]
        return ReplicaNote(
            replica=replica,
            shards=frozenset(self._own.keeper.mine),
            limit=self._permits.limit,
            held=self._permits.held,
            waiting={namespace: waiting[namespace] for namespace in most},
        )

    def _of_ours(self, key: LabKey) -> str:
        counted = self._counted(key.namespace)
        place = counted.places.get(key) or self._permits.waiting_in(key.namespace)  # it is new
        turns = (
            f"; namespaces take turns, {counted.namespaces} do" if counted.namespaces > 1 else ""
        )
        used = _in_use(self._permits.held, self._permits.limit)
        return f"waiting for a permit: {used}, place {place} in namespace {key.namespace}{turns}"

    def _counted(self, namespace: str) -> _Counted:
        known = self._queues.get(namespace)
        if known is not None and _now() < known.until:
            return known
        if len(self._queues) >= _MOST_NAMESPACES:
            self._queues.clear()
        queued = self._permits.queued(namespace)
        counted = self._queues[namespace] = _Counted(
            until=_now() + _COUNTED_EVERY,
            places={waiting: place for place, waiting in enumerate(queued, 1)},
            namespaces=len(self._permits.waiting_by_namespace),
        )
        return counted

    def _of_others(self, lab: LabInstance) -> str:
        if lab.postponed or _rests(lab, self._clock.now()) or _now() > self._noted_until:
            return ""
        namespace, shard = lab.key.namespace, self._own.shard(lab.uid)
        for note in self._notes:
            if shard in note.shards and (labs := note.waiting.get(namespace)):
                used = _in_use(note.held, note.limit)
                return (
                    f"waiting for a permit of replica {note.replica}: {used}, "
                    f"{labs} waiting in namespace {namespace}"
                )
        return ""

    @property
    def _noted_until(self) -> float:
        return self._noted_at + _NOTES_LAST


def _in_use(held: int, limit: int) -> str:
    """Guests beside the limit are no matter of who waits."""
    return f"{min(held, limit)} of {limit} in use"


def _rests(lab: LabInstance, now: datetime) -> bool:
    return lab.next_retry_at is not None and now < lab.next_retry_at


def _now() -> float:
    return asyncio.get_running_loop().time()
