"""Which histories are legal: a small model of a lab's life, apart from the domain's own."""

from dataclasses import dataclass, field
from enum import Enum

from application.ports.event_store import RecordedEvent
from domain.lab_instance.edit_facts import MetadataEdited
from domain.lab_instance.end_facts import (
    Deleted,
    DeletionHindered,
    DeletionRequested,
    DeletionResumed,
    Expired,
    OrphanTerminated,
)
from domain.lab_instance.events import (
    BecameReady,
    DriftDetected,
    Extended,
    Failed,
    LabInstanceCreated,
    MetadataChanged,
    ProvisioningFailed,
    ProvisioningPostponed,
    ProvisioningResumed,
    ProvisioningStarted,
    Remarked,
    RestartRequested,
    Retried,
    SpecChanged,
)
from domain.lab_instance.spec import LabInstanceSpec


class Stage(Enum):
    """Where a lab is in its life."""

    NOWHERE = "nowhere"
    COMING = "coming"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    GOING = "going"
    GONE = "gone"


_ALIVE = (Stage.COMING, Stage.STARTING, Stage.READY)


class IllegalHistory(Exception):
    """What was recorded cannot have happened."""


@dataclass(slots=True)
class Life:
    """One name's life, through all its incarnations. `ended`: the uids of those that the log
    has given up: whose work may be destroyed."""

    stage: Stage = Stage.NOWHERE
    uid: str = ""
    revision: int = 0
    finalizers: tuple[str, ...] = ()
    spec: LabInstanceSpec | None = None
    uids: set[str] = field(default_factory=set)
    _gone: set[str] = field(default_factory=set)

    def has_ended(self, uid: str) -> bool:
        """Whether the log says that nothing of this incarnation is wanted any more."""
        leaving = self.stage is Stage.GOING and not self.finalizers and uid == self.uid
        return uid in self._gone or leaving

    def take(self, recorded: RecordedEvent) -> None:
        """Go on with what was recorded. Raises IllegalHistory."""
        match recorded.event:
            case LabInstanceCreated() as created:
                self._create(created)
            case Remarked():
                self._only(recorded, *[one for one in Stage if one is not Stage.NOWHERE])
            case SpecChanged() as changed:
                self._respecify(recorded, changed)
            case MetadataChanged() | MetadataEdited() as noted:
                self._only(recorded, *_ALIVE, Stage.FAILED, Stage.GOING)
                self.finalizers = noted.finalizers
            case Extended() | Expired():
                self._only(recorded, *_ALIVE)
            case RestartRequested():
                self._move(recorded, Stage.COMING, Stage.READY)
            case Retried():
                self._move(recorded, Stage.COMING, Stage.FAILED)
            case DeletionRequested():
                self._move(recorded, Stage.GOING, *_ALIVE, Stage.FAILED)
            case DeletionResumed() | DeletionHindered():
                self._only(recorded, Stage.GOING)
            case Deleted() as deleted:
                self._delete(recorded, deleted)
            case _:
                self._take_of_runtime(recorded)

    def _take_of_runtime(self, recorded: RecordedEvent) -> None:
        match recorded.event:
            case ProvisioningStarted(revision=revision):
                self._move(recorded, Stage.STARTING, Stage.COMING)
                self._number(revision, self.revision + 1)
                self.revision = revision
            case BecameReady(revision=revision):
                self._move(recorded, Stage.READY, Stage.STARTING)
                self._number(revision, self.revision)
            case ProvisioningFailed(revision=revision):
                self._move(recorded, Stage.COMING, Stage.STARTING)
                self._number(revision, self.revision)
            case ProvisioningPostponed():
                self._move(recorded, Stage.COMING, Stage.COMING, Stage.STARTING)
            case ProvisioningResumed():
                self._only(recorded, Stage.COMING)
            case DriftDetected(revision=revision):
                self._move(recorded, Stage.COMING, Stage.READY)
                self._number(revision, self.revision)
            case Failed():
                self._move(recorded, Stage.FAILED, Stage.STARTING, Stage.COMING)
            case OrphanTerminated(uid=uid):
                if uid == self.uid and self.stage is not Stage.GONE:
                    raise IllegalHistory("an orphan is a lab that is there")
            case _:
                self._only(recorded, *_ALIVE, Stage.FAILED, Stage.GOING)

    def _create(self, created: LabInstanceCreated) -> None:
        if self.stage not in (Stage.NOWHERE, Stage.GONE) or created.uid in self.uids:
            raise IllegalHistory(f"created while it is {self.stage.value}")
        self.stage, self.uid, self.revision = Stage.COMING, created.uid, 0
        self.finalizers, self.spec = created.finalizers, created.spec
        self.uids.add(created.uid)

    def _respecify(self, recorded: RecordedEvent, changed: SpecChanged) -> None:
        self._only(recorded, *_ALIVE, Stage.FAILED)
        anew = self.spec is None or not changed.spec.runs_like(self.spec)
        if anew and self.stage in (Stage.STARTING, Stage.READY):
            self.stage = Stage.COMING
        self.spec = changed.spec

    def _delete(self, recorded: RecordedEvent, deleted: Deleted) -> None:
        if deleted.proof:
            self._only(recorded, Stage.GOING)
            if self.finalizers:
                raise IllegalHistory("deleted in spite of its finalizers")
        else:
            self._only(recorded, *_ALIVE, Stage.FAILED, Stage.GOING)
        self.stage = Stage.GONE
        self._gone.add(self.uid)

    def _move(self, recorded: RecordedEvent, to: Stage, *allowed: Stage) -> None:
        self._only(recorded, *allowed)
        self.stage = to

    def _only(self, recorded: RecordedEvent, *allowed: Stage) -> None:
        if self.stage not in allowed:
            kind = type(recorded.event).__name__
            raise IllegalHistory(f"{kind} while it is {self.stage.value}")

    def _number(self, told: int, expected: int) -> None:
        if told != expected:
            raise IllegalHistory(f"runtime {told} instead of {expected}")
