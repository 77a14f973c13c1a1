"""Given, when, then over the decider; and a lab's story told in a few words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from domain.lab_instance.commands import LabInstanceCommand
from domain.lab_instance.decide import decide
from domain.lab_instance.end_facts import DeletionRequested
from domain.lab_instance.events import (
    BecameReady,
    DriftDetected,
    Failed,
    LabInstanceCreated,
    LabInstanceEvent,
    ProvisioningFailed,
    ProvisioningStarted,
)
from domain.lab_instance.evolve import evolve
from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.policy import Limits
from domain.lab_instance.retry import RetryPolicy
from domain.lab_instance.spec import LabInstanceSpec
from domain.precondition import Precondition

LAB = LabKey("default", "ann")
UID = "7a1c4f2e-0000-4000-8000-000000000001"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENDPOINT = "http://127.0.0.1:9000"
NO_PRECONDITION = Precondition(uid=None, resource_version=None)
SPEC = LabInstanceSpec(
    template="python-basics",
    duration="60m",
    student_email="ann@example.org",
    environment={"COURSE": "intro"},
)
RETRY = RetryPolicy(
    max_retries=3,
    base=timedelta(seconds=2),
    cap=timedelta(seconds=60),
    stable_after=timedelta(minutes=5),
)
LIMITS = Limits(provisioning_timeout=timedelta(seconds=60), retry=RETRY)

created = LabInstanceCreated(
    lab=LAB, uid=UID, spec=SPEC, labels={}, annotations={}, finalizers=(), at=NOW
)
guarded = replace(created, finalizers=("example.org/grades",))
started = ProvisioningStarted(revision=1, deadline=NOW + timedelta(seconds=60), at=NOW)
ready = BecameReady(revision=1, endpoint=ENDPOINT, isolation="bubblewrap", at=NOW)
attempt_failed = ProvisioningFailed(
    revision=1,
    reason="ProcessExited",
    message="exit code 1",
    retries=1,
    next_retry_at=NOW + timedelta(seconds=2),
    at=NOW,
)
drifted = DriftDetected(
    revision=1,
    reason="ProcessGone",
    message="the process ended",
    retries=1,
    next_retry_at=NOW,
    at=NOW,
)
failed = Failed(reason="ProcessExited", message="exit code 1", at=NOW)
deletion_requested = DeletionRequested(reason="user", at=NOW)


@dataclass(frozen=True)
class Given:
    """A lab with this past."""

    past: Sequence[LabInstanceEvent]

    @property
    def lab(self) -> LabInstance | None:
        """What the past amounts to."""
        lab: LabInstance | None = None
        for event in self.past:
            lab = evolve(lab, event)
        return lab

    @property
    def existing(self) -> LabInstance:
        """The same, where the past certainly has a lab."""
        assert self.lab is not None
        return self.lab

    def when(self, command: LabInstanceCommand, *, after: timedelta = timedelta(0)) -> "Decided":
        """Ask for the command, so long after NOW."""
        return Decided(tuple(decide(self.lab, command, NOW + after)))


@dataclass(frozen=True)
class Decided:
    """The facts a command led to."""

    facts: tuple[LabInstanceEvent, ...]

    def then(self, *expected: LabInstanceEvent) -> None:
        """They are exactly these."""
        assert self.facts == expected

    def then_kinds(self, *expected: type) -> None:
        """They are of exactly these kinds."""
        assert tuple(type(fact) for fact in self.facts) == expected


def given(*past: LabInstanceEvent) -> Given:
    """A lab with this past."""
    return Given(past)
