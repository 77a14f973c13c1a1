"""Decides commands on labs: from the lab, the command and the time to events, or a refusal.
Pure; a repeated command yields no events."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from domain.errors import LabInstanceAlreadyExists, LabInstanceNotFound
from domain.lab_instance import control_decisions, user_decisions
from domain.lab_instance.commands import (
    CreateLabInstance,
    LabInstanceCommand,
    RecordOrphanTermination,
    RemarkOnLabInstance,
    UserCommand,
)
from domain.lab_instance.control_commands import ControlCommand
from domain.lab_instance.end_facts import OrphanTerminated
from domain.lab_instance.events import (
    LabInstanceCreated,
    LabInstanceEvent,
    OwnershipRecorded,
    Remarked,
)
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.object_size import check_size
from domain.lab_instance.status import LabState


def decide(
    lab: LabInstance | None, command: LabInstanceCommand, now: datetime
) -> Sequence[LabInstanceEvent]:
    """The events that `command` leads to at `now`. Raises DomainError when it is refused."""
    present = lab if lab is not None and lab.state is not LabState.DELETED else None
    if isinstance(command, CreateLabInstance):  # first: most commands that wait are these
        return _create(present, command, now)
    if isinstance(command, UserCommand):
        return user_decisions.decide(present, command, now)
    if isinstance(command, ControlCommand):
        if present is None or present.uid != command.uid:
            return ()
        return control_decisions.decide(present, command, now)
    match command:
        case RemarkOnLabInstance():
            return _remark(lab, command, now)
        case RecordOrphanTermination():
            return _record_orphan_termination(present, command, now)
        case _:
            assert_never(command)


def _create(
    present: LabInstance | None, command: CreateLabInstance, now: datetime
) -> Sequence[LabInstanceEvent]:
    if present is not None:
        raise LabInstanceAlreadyExists(command.lab.namespace, command.lab.name)
    check_size(command.lab.name, [command.labels, command.annotations], command.managers)
    created = LabInstanceCreated(
        lab=command.lab,
        uid=command.uid,
        spec=command.spec,
        labels=command.labels,
        annotations=command.annotations,
        finalizers=command.finalizers,
        at=now,
    )
    if not command.managers:
        return (created,)
    return (created, OwnershipRecorded(managers=command.managers, at=now))


def _remark(
    lab: LabInstance | None, command: RemarkOnLabInstance, now: datetime
) -> Sequence[LabInstanceEvent]:
    # A remark may come after the lab it is about: it is part of the story all the same.
    if lab is None:
        raise LabInstanceNotFound(command.lab.namespace, command.lab.name)
    remarked = Remarked(
        name=command.name,
        reason=command.reason,
        message=command.message,
        warning=command.warning,
        reporter=command.reporter,
        count=command.count,
        at=now,
    )
    return (remarked,)


def _record_orphan_termination(
    present: LabInstance | None, command: RecordOrphanTermination, now: datetime
) -> Sequence[LabInstanceEvent]:
    if present is not None and present.uid == command.uid:
        return ()
    return (OrphanTerminated(uid=command.uid, proof=command.proof, at=now),)
