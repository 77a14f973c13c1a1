"""The aggregate: everything that follows from an object's events, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.api_object.key import ApiObjectKey
from domain.lab_instance.field_manager import FieldManager


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObject:
    """One incarnation of a named object.

    `content`: what stands beside its metadata, JSON texts by name; what it says is the
    clients' affair. `managers`: who looks after which fields; empty until somebody names
    himself. `removal_requested_at`: since when it goes, once it can.
    """

    key: ApiObjectKey
    uid: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    content: Mapping[str, str]
    managers: tuple[FieldManager, ...]
    declared_at: datetime
    changed_at: datetime
    removal_requested_at: datetime | None
    removed: bool
