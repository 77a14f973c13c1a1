"""Which facts a command on a document leads to. May refuse, never changes anything; a
repeated command leads to no facts instead of an error."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from domain.api_object.api_object import Document
from domain.api_object.commands import (
    CompleteRemoval,
    DeclareDocument,
    DocumentCommand,
    RemoveDocument,
    ReplaceDocument,
)
from domain.api_object.errors import (
    DocumentAlreadyExists,
    DocumentNotFound,
    InvalidDocument,
    ProtectedDocument,
)
from domain.api_object.events import (
    DocumentDeclared,
    DocumentEvent,
    DocumentRemoved,
    DocumentReplaced,
    RemovalRequested,
)
from domain.api_object.evolve import evolve
from domain.api_object.key import DocumentKey, DocumentKind
from domain.errors import FaultReason, FieldFault

DEFAULT_NAMESPACE = "default"
_NAME_LABEL = "kubernetes.io/metadata.name"


def decide(
    document: Document | None, command: DocumentCommand, now: datetime
) -> Sequence[DocumentEvent]:
    """The facts that `command` leads to at `now`. Raises DocumentRefused."""
    present = document if document is not None and not document.removed else None
    match command:
        case DeclareDocument():
            return _declare(present, command, now)
        case ReplaceDocument():
            return _replace(_required(present, command), command, now)
        case RemoveDocument():
            return _remove(_required(present, command), command, now)
        case CompleteRemoval():
            return _complete(present, command, now)
        case _:
            assert_never(command)


def _required(present: Document | None, command: DocumentCommand) -> Document:
    if present is None:
        raise DocumentNotFound(command.document)
    return present


def _declare(
    present: Document | None, command: DeclareDocument, now: datetime
) -> Sequence[DocumentEvent]:
    if present is not None:
        raise DocumentAlreadyExists(command.document)
    declared = DocumentDeclared(
        document=command.document,
        uid=command.uid,
        labels=_labelled(command.document, command.labels),
        annotations=command.annotations,
        finalizers=command.finalizers,
        content=command.content,
        managers=command.managers,
        at=now,
    )
    return (declared,)


def _replace(
    present: Document, command: ReplaceDocument, now: datetime
) -> Sequence[DocumentEvent]:
    labels = _labelled(command.document, command.labels)
    going = present.removal_requested_at is not None
    if going:
        _refuse_new_finalizers(present, command)
    replaced = DocumentReplaced(
        labels=labels,
        annotations=command.annotations,
        finalizers=command.finalizers,
        content=command.content,
        managers=command.managers,
        at=now,
    )
    if evolve(present, replaced) == replace(present, changed_at=now):
        return ()
    holds_others = present.key.kind is DocumentKind.NAMESPACE
    if going and not command.finalizers and not holds_others:
        return (replaced, DocumentRemoved(reason="finalized", at=now))
    return (replaced,)


def _remove(present: Document, command: RemoveDocument, now: datetime) -> Sequence[DocumentEvent]:
    key = present.key
    if key.kind is DocumentKind.NAMESPACE and key.name == DEFAULT_NAMESPACE:
        raise ProtectedDocument(key)
    if present.removal_requested_at is not None:
        return ()
    if key.kind is DocumentKind.NAMESPACE or present.finalizers:
        return (RemovalRequested(at=now),)
    return (DocumentRemoved(reason=command.reason, at=now),)


def _complete(
    present: Document | None, command: CompleteRemoval, now: datetime
) -> Sequence[DocumentEvent]:
    if present is None or present.uid != command.uid:
        return ()
    if present.removal_requested_at is None or present.finalizers:
        return ()
    return (DocumentRemoved(reason="emptied", at=now),)


def _labelled(key: DocumentKey, labels: Mapping[str, str]) -> Mapping[str, str]:
    """Kubernetes labels every namespace with its name, so that selectors can name it."""
    return {**labels, _NAME_LABEL: key.name} if key.kind is DocumentKind.NAMESPACE else labels


def _refuse_new_finalizers(present: Document, command: ReplaceDocument) -> None:
    added = [name for name in command.finalizers if name not in present.finalizers]
    if added:
        message = f"no new finalizers can be added if the object is being deleted: {added}"
        reason = FaultReason.FORBIDDEN
        fault = FieldFault(field="metadata.finalizers", reason=reason, message=message)
        raise InvalidDocument(present.key, [fault])
