"""What is peculiar to one kind of object: the one place where kinds differ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from api.kubernetes.kinds import Kind
from api.kubernetes.tables import Column
from domain.api_object.api_object import ApiObject
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.errors import FieldFault
from domain.lab_instance.object_size import LARGEST_OBJECT

Content = Mapping[str, Any]
"""What stands beside an object's metadata, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectKind:
    """How objects of a kind are written, kept and rendered.

    `written`: the fields that clients write. `kept`: these fields as they are kept. `rendered`:
    what is kept, as clients see it. `fields`: the values of what is `selectable`, beside name
    and namespace. `cells`: the row for the `columns`. `largest`: the most bytes of one.
    """

    kind: Kind
    stored_as: ApiObjectKind
    columns: Sequence[Column]
    written: frozenset[str]
    kept: Callable[[Content], Content]
    rendered: Callable[[ApiObject, Content], Content]
    selectable: frozenset[str]
    fields: Callable[[ApiObject, Content], Mapping[str, str]]
    cells: Callable[[ApiObject, Content, datetime], Sequence[Any]]
    faults: Callable[[ApiObjectKey, Content], Sequence[FieldFault]]
    largest: int = LARGEST_OBJECT

    def key(self, namespace: str, name: str) -> ApiObjectKey:
        """The key of an object of this kind."""
        return ApiObjectKey(kind=self.stored_as, namespace=namespace, name=name)


def as_given(content: Content) -> Content:
    """For kinds that are kept as they are written."""
    return content


def content_of(api_object: ApiObject) -> Content:
    """What is kept, as JSON values."""
    return {name: msgspec.json.decode(text) for name, text in api_object.content.items()}


def texts_of(content: Content) -> Mapping[str, str]:
    """What is to be kept, as JSON texts; what is null is not there."""
    return {
        name: msgspec.json.encode(value).decode()
        for name, value in sorted(content.items())
        if value is not None
    }
