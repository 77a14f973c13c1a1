"""The model of legal histories: it takes what the domain decides, and refuses what cannot be."""

from dataclasses import replace
from uuid import UUID

import pytest

from application.event_log.labs import stream_of
from application.ports.event_store import EMPTY, NewEvent, RecordedEvent
from domain.lab_instance.end_facts import Deleted, OrphanTerminated
from domain.lab_instance.events import LabInstanceEvent, RestartRequested
from infrastructure.codec.chain import seal
from tests.domain.scenario import (
    LAB,
    NOW,
    UID,
    attempt_failed,
    created,
    deletion_requested,
    drifted,
    failed,
    guarded,
    ready,
    started,
)
from tests.simulation.invariants.lives import IllegalHistory, Life

gone = Deleted(proof="it was looked for", left_behind=(), at=NOW)
abandoned = Deleted(proof="", left_behind=(), at=NOW)
again = replace(started, revision=2)
ready_again = replace(ready, revision=2)
restarted = RestartRequested(at=NOW)
OTHER = "7a1c4f2e-0000-4000-8000-000000000002"


def recorded(*facts: LabInstanceEvent) -> list[RecordedEvent]:
    new = [NewEvent(id=UUID(int=n), event=fact, metadata={}) for n, fact in enumerate(facts)]
    return [one.recorded(n, NOW) for n, one in enumerate(seal(stream_of(LAB), new, EMPTY), 1)]


def lived(*facts: LabInstanceEvent) -> Life:
    life = Life()
    for one in recorded(*facts):
        life.take(one)
    return life


@pytest.mark.parametrize(
    "facts",
    [
        (created, started, ready, deletion_requested, gone),
        (created, started, attempt_failed, again, ready_again),
        (created, started, ready, restarted, again, ready_again),
        (created, started, ready, drifted, again),
        (created, started, failed, deletion_requested, gone),
        (created, abandoned, OrphanTerminated(uid=UID, proof="it is gone", at=NOW)),
        (created, deletion_requested, gone, replace(created, uid=OTHER), started),
    ],
)
def test_a_life_as_the_domain_decides_it_is_legal(facts: tuple[LabInstanceEvent, ...]) -> None:
    assert lived(*facts).uid in (UID, OTHER)


@pytest.mark.parametrize(
    "facts",
    [
        (started,),
        (created, created),
        (created, deletion_requested, gone, created),
        (created, started, again),
        (created, again),
        (created, ready),
        (created, started, ready_again),
        (created, started, drifted),
        (created, gone),
        (guarded, deletion_requested, gone),
        (created, started, ready, OrphanTerminated(uid=UID, proof="it is gone", at=NOW)),
    ],
)
def test_a_life_that_cannot_have_been_is_refused(facts: tuple[LabInstanceEvent, ...]) -> None:
    with pytest.raises(IllegalHistory):
        lived(*facts)


def test_a_lab_has_ended_once_its_deletion_is_asked_for_and_nothing_guards_it() -> None:
    assert not lived(created, started, ready).has_ended(UID)
    assert not lived(guarded, deletion_requested).has_ended(UID)
    assert lived(created, deletion_requested).has_ended(UID)
    assert lived(created, deletion_requested, gone, replace(created, uid=OTHER)).has_ended(UID)
