"""The read side's rows, and what an event does to one."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.api_object.api_object import ApiObject
from domain.api_object.key import ApiObjectKey
from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class LabInstanceView:
    """A lab as of `resource_version`: the position of the last event that changed it."""

    lab: LabInstance
    resource_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObjectView:
    """An object as of `resource_version`: the position of the last event that changed it."""

    api_object: ApiObject
    resource_version: int


K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewChange(Generic[K, V]):
    """What one event, or all events of one command, did to one view.

    `before` and `after` are None where there was, or is, nothing. `after` is None for what is
    deleted; `deleted` then is its last state, at the position of the deletion. `command` is
    the command's id; empty where nobody knows it.
    """

    position: int
    key: K
    before: V | None
    after: V | None
    deleted: V | None
    command: str = ""


LabChange = ViewChange[LabKey, LabInstanceView]
ApiObjectChange = ViewChange[ApiObjectKey, ApiObjectView]
