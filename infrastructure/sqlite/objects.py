"""The Objects port on the SQLite file."""

from collections.abc import Sequence
from datetime import datetime

from application.ports.read_model import UnreadableView
from application.ports.views import ApiObjectChange, ApiObjectView
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from infrastructure.codec.instants import to_microseconds
from infrastructure.codec.unreadable import Unreadable, decoded
from infrastructure.codec.view_codec import API_OBJECT
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.read_model_outages import VIEWS_OUTAGES
from infrastructure.sqlite.statements import Statements, Value
from infrastructure.sqlite.unreadable_rows import Step, UnreadableRows, in_hex

FoundRow = tuple[str, str, str, int, bytes]
"""Kind, namespace, name, resource version and document of a view."""

EVERY_OBJECT = (
    "SELECT kind, namespace, name, resource_version, CAST(document AS BLOB) FROM documents "
)
GET = EVERY_OBJECT + "WHERE kind = ? AND namespace = ? AND name = ?"
OF_KIND = EVERY_OBJECT + "WHERE kind = ? ORDER BY namespace, name"
INSIDE = EVERY_OBJECT + "WHERE kind = ? AND namespace = ? ORDER BY name"
UNCHANGED = (
    EVERY_OBJECT
    + "WHERE kind = ? AND changed_at <= ? ORDER BY changed_at, namespace, name LIMIT ?"
)
_UPSERT = """
INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (kind, namespace, name) DO UPDATE SET
    resource_version = excluded.resource_version, changed_at = excluded.changed_at,
    document = excluded.document
WHERE excluded.resource_version > documents.resource_version
"""
_DELETE_MET = (
    "DELETE FROM documents WHERE kind = ? AND namespace = ? AND name = ? AND hex(document) = ?"
)
_INSERT_INSTEAD = "INSERT INTO documents SELECT ?, ?, ?, ?, ?, ? WHERE changes() = 1"
_DELETE = """
DELETE FROM documents
WHERE kind = ? AND namespace = ? AND name = ? AND resource_version < ?
"""


class SqliteApiObjects:
    """The ApiObjects contract. They ride on the event store's transactions."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self.unreadable: UnreadableRows[ApiObjectKey, ApiObjectView] = UnreadableRows(
            database, _replacing
        )

    async def get(self, key: ApiObjectKey) -> ApiObjectView | None:
        rows = await self._rows(GET, _place(key))
        views = self.unreadable.readable(map(to_view, rows))
        if len(views) < len(rows):
            raise UnreadableView(key)
        return views[0] if views else None

    async def find(self, kind: ApiObjectKind, *, namespace: str | None) -> Sequence[ApiObjectView]:
        if namespace is None:
            return await self._read(OF_KIND, (kind.value,))
        return await self._read(INSIDE, (kind.value, namespace))

    async def unchanged_since(
        self, kind: ApiObjectKind, at: datetime, *, limit: int
    ) -> Sequence[ApiObjectView]:
        return await self._read(UNCHANGED, (kind.value, to_microseconds(at), limit))

    async def apply(self, changes: Sequence[ApiObjectChange]) -> None:
        work = Statements([_step(change) for change in changes])
        with VIEWS_OUTAGES:
            await self._database.change_views(work)

    async def _read(self, query: str, values: Sequence[Value]) -> Sequence[ApiObjectView]:
        rows = await self._rows(query, values)
        return self.unreadable.readable(map(to_view, rows))

    async def _rows(self, query: str, values: Sequence[Value]) -> Sequence[FoundRow]:
        with VIEWS_OUTAGES:
            return await self._database.read_aside(
                lambda file: file.execute(query, values).fetchall()
            )


def to_view(row: FoundRow) -> ApiObjectView | Unreadable[ApiObjectKey]:
    """The view that a row holds."""
    *_, resource_version, document = row
    key = key_of(row)
    api_object = decoded(API_OBJECT, document, key=key, found=document)
    if isinstance(api_object, Unreadable):
        return api_object
    return ApiObjectView(api_object=api_object, resource_version=resource_version)


def key_of(row: FoundRow) -> ApiObjectKey:
    """The key that a row stands under."""
    kind, namespace, name, *_ = row
    return ApiObjectKey(kind=ApiObjectKind(kind), namespace=namespace, name=name)


def _place(key: ApiObjectKey) -> tuple[Value, ...]:
    return key.kind.value, key.namespace, key.name


def _replacing(row: Unreadable[ApiObjectKey], view: ApiObjectView | None) -> Sequence[Step]:
    gone = (_DELETE_MET, (*_place(row.key), in_hex(row)))
    return (gone,) if view is None else (gone, (_INSERT_INSTEAD, _row(view)))


def _step(change: ApiObjectChange) -> Step:
    if change.after is None:
        return _DELETE, (*_place(change.key), change.position)
    return _UPSERT, _row(change.after)


def _row(view: ApiObjectView) -> tuple[Value, ...]:
    api_object = view.api_object
    changed_at = to_microseconds(api_object.changed_at)
    text = API_OBJECT.encode(api_object).decode()
    return (*_place(api_object.key), view.resource_version, changed_at, text)
