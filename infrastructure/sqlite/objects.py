"""The Objects port on the SQLite file."""

from collections.abc import Sequence
from datetime import datetime

from application.ports.views import ApiObjectChange, ApiObjectView
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from infrastructure.codec.view_codec import API_OBJECT
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.instants import to_microseconds
from infrastructure.sqlite.read_model_outages import VIEWS_OUTAGES
from infrastructure.sqlite.statements import Statements, Value

_COLUMNS = "SELECT resource_version, document FROM documents "
GET = _COLUMNS + "WHERE kind = ? AND namespace = ? AND name = ?"
OF_KIND = _COLUMNS + "WHERE kind = ? ORDER BY namespace, name"
INSIDE = _COLUMNS + "WHERE kind = ? AND namespace = ? ORDER BY name"
UNCHANGED = (
    _COLUMNS + "WHERE kind = ? AND changed_at <= ? ORDER BY changed_at, namespace, name LIMIT ?"
)
_UPSERT = """
INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (kind, namespace, name) DO UPDATE SET
    resource_version = excluded.resource_version, changed_at = excluded.changed_at,
    document = excluded.document
WHERE excluded.resource_version > documents.resource_version
"""
_DELETE = """
DELETE FROM documents
WHERE kind = ? AND namespace = ? AND name = ? AND resource_version < ?
"""


class SqliteApiObjects:
    """The ApiObjects contract. They ride on the event store's transactions."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def get(self, key: ApiObjectKey) -> ApiObjectView | None:
        found = await self._read(GET, _place(key))
        return found[0] if found else None

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

    async def _read(self, query: str, values: tuple[object, ...]) -> Sequence[ApiObjectView]:
        with VIEWS_OUTAGES:
            rows = await self._database.read_aside(
                lambda file: file.execute(query, values).fetchall()
            )
        return [
            ApiObjectView(api_object=API_OBJECT.decode(text), resource_version=version)
            for version, text in rows
        ]


def _place(key: ApiObjectKey) -> tuple[Value, ...]:
    return key.kind.value, key.namespace, key.name


def _step(change: ApiObjectChange) -> tuple[str, tuple[Value, ...]]:
    place = _place(change.key)
    if change.after is None:
        return _DELETE, (*place, change.position)
    api_object = change.after.api_object
    changed_at = to_microseconds(api_object.changed_at)
    text = API_OBJECT.encode(api_object).decode()
    return _UPSERT, (*place, change.position, changed_at, text)
