"""What has happened to documents. Facts: never changed, never taken back, read for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.api_object.key import DocumentKey
from domain.lab_instance.field_manager import FieldManager


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDeclared:
    """A document shall be. Begins an incarnation: a new `uid` under a new or used name."""

    document: DocumentKey
    uid: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    content: Mapping[str, str]
    managers: tuple[FieldManager, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReplaced:
    """It says something else now."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    content: Mapping[str, str]
    managers: tuple[FieldManager, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalRequested:
    """It shall go, and waits for what has to go before it."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRemoved:
    """It is gone. Ends the incarnation."""

    reason: str
    at: datetime


DocumentEvent = DocumentDeclared | DocumentReplaced | RemovalRequested | DocumentRemoved
