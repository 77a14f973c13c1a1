"""Decides commands on API objects: from the object, the command and the time to events, or a
refusal. Pure; a repeated command yields no events."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from domain.api_object.api_object import ApiObject
from domain.api_object.commands import (
    ApiObjectCommand,
    CompleteRemoval,
    DeclareApiObject,
    RemoveApiObject,
    ReplaceApiObject,
)
from domain.api_object.errors import (
    ApiObjectAlreadyExists,
    ApiObjectNotFound,
    InvalidApiObject,
    ProtectedApiObject,
)
from domain.api_object.events import (
    ApiObjectDeclared,
    ApiObjectEvent,
    ApiObjectRemoved,
    ApiObjectReplaced,
    RemovalRequested,
)
from domain.api_object.evolve import evolve
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.api_object.recording import replacing_fact
from domain.errors import FaultReason, FieldFault
from domain.lab_instance.object_size import check_size

DEFAULT_NAMESPACE = "default"
_NAME_LABEL = "kubernetes.io/metadata.name"


def decide(
    api_object: ApiObject | None, command: ApiObjectCommand, now: datetime
) -> Sequence[ApiObjectEvent]:
    """The events that `command` leads to at `now`. Raises ApiObjectRefused."""
    present = api_object if api_object is not None and not api_object.removed else None
    match command:
        case DeclareApiObject():
            return _declare(present, command, now)
        case ReplaceApiObject():
            return _replace(_required(present, command), command, now)
        case RemoveApiObject():
            return _remove(_required(present, command), command, now)
        case CompleteRemoval():
            return _complete(present, command, now)
        case _:
            assert_never(command)


def _required(present: ApiObject | None, command: ApiObjectCommand) -> ApiObject:
    if present is None:
        raise ApiObjectNotFound(command.key)
    return present


def _declare(
    present: ApiObject | None, command: DeclareApiObject, now: datetime
) -> Sequence[ApiObjectEvent]:
    if present is not None:
        raise ApiObjectAlreadyExists(command.key)
    _check_size(command)
    declared = ApiObjectDeclared(
        key=command.key,
        uid=command.uid,
        labels=_labelled(command.key, command.labels),
        annotations=command.annotations,
        finalizers=command.finalizers,
        content=command.content,
        managers=command.managers,
        at=now,
    )
    return (declared,)


def _replace(
    present: ApiObject, command: ReplaceApiObject, now: datetime
) -> Sequence[ApiObjectEvent]:
    _check_size(command)
    labels = _labelled(command.key, command.labels)
    going = present.removal_requested_at is not None
    if going:
        _refuse_new_finalizers(present, command)
    replaced = ApiObjectReplaced(
        labels=labels,
        annotations=command.annotations,
        finalizers=command.finalizers,
        content=command.content,
        managers=command.managers,
        at=now,
    )
    if evolve(present, replaced) == replace(present, changed_at=now):
        return ()
    recorded = replacing_fact(present, replaced)
    holds_others = present.key.kind is ApiObjectKind.NAMESPACE
    if going and not command.finalizers and not holds_others:
        return (recorded, ApiObjectRemoved(reason="finalized", at=now))
    return (recorded,)


def _remove(
    present: ApiObject, command: RemoveApiObject, now: datetime
) -> Sequence[ApiObjectEvent]:
    key = present.key
    if key.kind is ApiObjectKind.NAMESPACE and key.name == DEFAULT_NAMESPACE:
        raise ProtectedApiObject(key)
    if present.removal_requested_at is not None:
        return ()
    if key.kind is ApiObjectKind.NAMESPACE or present.finalizers:
        return (RemovalRequested(at=now),)
    return (ApiObjectRemoved(reason=command.reason, at=now),)


def _complete(
    present: ApiObject | None, command: CompleteRemoval, now: datetime
) -> Sequence[ApiObjectEvent]:
    if present is None or present.uid != command.uid:
        return ()
    if present.removal_requested_at is None or present.finalizers:
        return ()
    return (ApiObjectRemoved(reason="emptied", at=now),)


def _check_size(command: DeclareApiObject | ReplaceApiObject) -> None:
    texts = [command.labels, command.annotations, command.content]
    check_size(command.key.name, texts, command.managers)


def _labelled(key: ApiObjectKey, labels: Mapping[str, str]) -> Mapping[str, str]:
    """Kubernetes labels every namespace with its name, so that selectors can name it."""
    return {**labels, _NAME_LABEL: key.name} if key.kind is ApiObjectKind.NAMESPACE else labels


def _refuse_new_finalizers(present: ApiObject, command: ReplaceApiObject) -> None:
    added = [name for name in command.finalizers if name not in present.finalizers]
    if added:
        message = f"no new finalizers can be added if the object is being deleted: {added}"
        reason = FaultReason.FORBIDDEN
        fault = FieldFault(field="metadata.finalizers", reason=reason, message=message)
        raise InvalidApiObject(present.key, [fault])
