"""The aggregate: everything that follows from an object's events, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.api_object.key import ApiObjectKey
from domain.lab_instance.field_manager import FieldManager


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObject:
    """One incarnation of a named object.

    `content`: what stands beside the metadata, JSON texts by name, opaque to the domain.
    `managers`: the owners of fields; empty until a writer names itself.
    `removal_requested_at`: when removal was requested; finalizers, and what is in a namespace,
    hold it up.
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
