"""The read side's row for one object, and how an event changes it."""

from dataclasses import dataclass

from domain.api_object.api_object import ApiObject
from domain.api_object.key import ApiObjectKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObjectView:
    """An object as of `resource_version`: the position of the last event that changed it."""

    api_object: ApiObject
    resource_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObjectChange:
    """What one event did to one object.

    `before` and `after` are None where there was, or is, no object. `removed` is the last
    state of one that is gone, at the position of its going.
    """

    position: int
    key: ApiObjectKey
    before: ApiObjectView | None
    after: ApiObjectView | None
    removed: ApiObjectView | None
