"""The read side's rows, and what an event does to one. The weight of each is about how many bytes
it takes in memory, what it shares with others included."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from domain.api_object.api_object import ApiObject
from domain.api_object.key import ApiObjectKey
from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.object_size import letters_in

_LIGHTEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LabInstanceView:
    """A lab as of `resource_version`: the position of the last event that changed it."""

    lab: LabInstance
    resource_version: int

    @property
    def weight(self) -> int:
        """In bytes."""
        lab = self.lab
        texts = (lab.labels, lab.annotations, lab.spec.environment, lab.reported)
        return _LIGHTEST + letters_in(texts, lab.managers)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObjectView:
    """An object as of `resource_version`: the position of the last event that changed it."""

    api_object: ApiObject
    resource_version: int

    @property
    def weight(self) -> int:
        """In bytes."""
        kept = self.api_object
        texts = (kept.labels, kept.annotations, kept.content)
        return _LIGHTEST + letters_in(texts, kept.managers)


class Weighed(Protocol):
    """What takes memory."""

    @property
    def weight(self) -> int:
        """In bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOut:
    """A command that its sender may repeat, and the last event that it led to: its version in
    its stream, and its position."""

    command: UUID
    version: int
    position: int


K = TypeVar("K")
V = TypeVar("V", bound=Weighed)


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

    @property
    def weight(self) -> int:
        """In bytes."""
        kept = self.after or self.deleted or self.before
        return kept.weight if kept else _LIGHTEST


LabChange = ViewChange[LabKey, LabInstanceView]
ApiObjectChange = ViewChange[ApiObjectKey, ApiObjectView]
