"""The views of a file held against what the events in it give."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from application.event_log.api_objects import API_OBJECTS
from application.event_log.category import Category
from application.event_log.labs import LABS
from application.ports.event_store import RecordedEvent
from application.ports.views import ApiObjectView, LabInstanceView, Weighed
from domain.api_object.key import ApiObjectKey
from domain.lab_instance.key import LabKey
from infrastructure.codec.unreadable import Unreadable
from infrastructure.sqlite.objects import EVERY_OBJECT, key_of
from infrastructure.sqlite.objects import to_view as to_object
from infrastructure.sqlite.view_rows import to_view
from infrastructure.sqlite.view_writes import POSITION

_LABS = "SELECT namespace, name, resource_version, CAST(document AS BLOB) FROM views"

K = TypeVar("K")
V = TypeVar("V", bound=Weighed)


class ViewProof:
    """What the views of one moment were, and a fold of the events up to that moment, which is
    `position`."""

    def __init__(
        self,
        position: int,
        labs: Mapping[LabKey, LabInstanceView | Unreadable[LabKey]],
        objects: Mapping[ApiObjectKey, ApiObjectView | Unreadable[ApiObjectKey]],
    ) -> None:
        self.position = position
        self._stored, self._stored_objects = labs, objects
        self._labs = _Fold(LABS)
        self._objects = _Fold(API_OBJECTS)

    @classmethod
    def over(cls, connection: sqlite3.Connection) -> "ViewProof":
        """Read the views, all at one moment. Raises sqlite3.Error."""
        connection.execute("BEGIN")
        try:
            row = connection.execute(POSITION).fetchone()
            labs = {LabKey(one[0], one[1]): to_view(one) for one in connection.execute(_LABS)}
            objects = {key_of(one): to_object(one) for one in connection.execute(EVERY_OBJECT)}
        finally:
            connection.execute("COMMIT")
        return cls(row[0] if row else 0, labs, objects)

    def add(self, recorded: RecordedEvent) -> None:
        """The next event, in the log's order."""
        if recorded.position <= self.position:
            self._labs.add(recorded)
            self._objects.add(recorded)

    def difference(self) -> str:
        """Names a view that is not what the events give; empty when there is none."""
        return next(self.differences(), "")

    def differences(self) -> Iterator[str]:
        """Names each view that is not what the events give. Objects may be ahead of the position
        that counts for both."""
        for key in sorted(self._labs.views.keys() | self._stored.keys()):
            if self._labs.views.get(key) != self._stored.get(key):
                yield f"the view of lab {key.namespace}/{key.name} is not what the log gives"
        for name, stored in self._stored_objects.items():
            if isinstance(stored, ApiObjectView) and stored.resource_version > self.position:
                continue
            if self._objects.views.get(name) != stored:
                yield f"the view of {name} is not what the log gives"


class _Fold(Generic[K, V]):
    def __init__(self, category: Category[K, V]) -> None:
        self._category = category
        self.views: dict[K, V] = {}

    def add(self, recorded: RecordedEvent) -> None:
        category = self._category
        if not category.holds(recorded.event):
            return
        key = category.key_of(recorded.stream)
        view = category.present(category.next_view(self.views.get(key), recorded))
        if view is None:
            self.views.pop(key, None)
        else:
            self.views[key] = view
