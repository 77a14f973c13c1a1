"""Labs and API objects in a log and in each store of views, and how to spoil a view there."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import bson
import pytest
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.database import Database

from application.event_log.api_objects import API_OBJECTS
from application.event_log.api_objects import stream_of as stream_of_object
from application.event_log.labs import LABS, stream_of
from application.event_log.replay import replayed_changes
from application.ports.event_store import EMPTY, NewEvent
from application.ports.objects import ApiObjects
from application.ports.read_model import ReadModel
from application.ports.unreadable_views import UnreadableViews
from application.ports.views import ApiObjectView, LabInstanceView
from domain.api_object.events import ApiObjectDeclared
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.lab_instance.key import LabKey
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.objects import SqliteApiObjects
from infrastructure.sqlite.read_model import SqliteReadModel
from tests.contracts.given import NOON, SettableClock, created, new
from tests.fakes.event_store import TroubledEventStore

NAMES = ("a", "b", "c", "d", "e")
KEYS = [LabKey("class-a", name) for name in NAMES]
LEASES = [ApiObjectKey(kind=ApiObjectKind.LEASE, namespace="class-a", name=n) for n in NAMES]
OF_LABS, OF_OBJECTS = "views", "documents"


class Spoil(Protocol):
    """Puts this in the place of a view's document."""

    def __call__(self, kind: str, name: str, document: bytes) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Stocked:
    """Five labs and five leases, in the log and in the views."""

    log: TroubledEventStore
    labs: ReadModel
    objects: ApiObjects
    unreadable_labs: UnreadableViews[LabKey, LabInstanceView]
    unreadable_objects: UnreadableViews[ApiObjectKey, ApiObjectView]
    spoil: Spoil
    set_field: Callable[..., None]


@asynccontextmanager
async def stocked_in(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Stocked]:
    """In the store that the parameter names."""
    log = TroubledEventStore(MemoryEventStore(SettableClock()))
    for key, lease in zip(KEYS, LEASES, strict=True):
        await log.append(stream_of(key), [new(created(key.name))], expected=EMPTY)
        await log.append(stream_of_object(lease), [_declared(lease)], expected=EMPTY)
    if request.param == "mongodb":
        uri = request.getfixturevalue("mongodb_uri")
        janitor: MongoClient[dict[str, Any]] = request.getfixturevalue("mongodb_janitor")
        database = janitor[uri.partition("://")[2].partition("/")[2].partition("?")[0]]
        async with open_mongodb(uri) as stores:
            await _fill(log, stores.read_model, stores.api_objects)
            yield Stocked(
                log=log,
                labs=stores.read_model,
                objects=stores.api_objects,
                unreadable_labs=stores.read_model.unreadable,
                unreadable_objects=stores.api_objects.unreadable,
                spoil=_InMongodb(database),
                set_field=_InMongodb(database).set_field,
            )
        return
    file = folder / "lab.db"
    embedded = SqliteDatabase.open(file, clock=SettableClock())
    labs, objects = SqliteReadModel(embedded), SqliteApiObjects(embedded)
    await _fill(log, labs, objects)
    yield Stocked(
        log=log,
        labs=labs,
        objects=objects,
        unreadable_labs=labs.unreadable,
        unreadable_objects=objects.unreadable,
        spoil=_InSqlite(file),
        set_field=_InSqlite(file).set_field,
    )
    await embedded.close()


async def _fill(log: TroubledEventStore, labs: ReadModel, objects: ApiObjects) -> None:
    end = await log.head()
    await objects.apply(
        [one async for one in replayed_changes(API_OBJECTS, log, after=0, upto=end)]
    )
    changes = [one async for one in replayed_changes(LABS, log, after=0, upto=end)]
    await labs.apply(changes, position=end)


def _declared(key: ApiObjectKey) -> NewEvent:
    event = ApiObjectDeclared(
        key=key,
        uid=f"uid-of-{key}",
        labels={},
        annotations={},
        finalizers=(),
        content={},
        managers=(),
        at=NOON,
    )
    return NewEvent(id=new().id, event=event, metadata={"actor": "tester"})


class _InSqlite:
    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self, kind: str, name: str, document: bytes) -> None:
        text = f"CAST(x'{document.hex()}' AS TEXT)"
        self._execute(f"UPDATE {kind} SET document = {text} WHERE name = '{name}'")

    def set_field(self, kind: str, of: str, /, **values: str | int) -> None:
        columns = {"name": "name", "state": "state", "due": "due_at"}
        for column, value in values.items():
            self._execute(f"UPDATE {kind} SET {columns[column]} = {value!r} WHERE name = '{of}'")

    def _execute(self, statement: str) -> None:
        with closing(sqlite3.connect(self._file, isolation_level=None)) as connection:
            connection.execute(statement)


class _InMongodb:
    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database

    def __call__(self, kind: str, name: str, document: bytes) -> None:
        """Through the bytes of the whole, since the driver writes nothing that is not UTF-8."""
        mark = "?" * len(document)
        stored = self._remove(kind, name) | {"document": mark}
        raw = bson.encode(stored).replace(mark.encode(), document)
        self._database[f"{kind}-1"].insert_one(RawBSONDocument(raw))

    def set_field(self, kind: str, of: str, /, **values: str | int) -> None:
        stored = self._remove(kind, of)
        if "name" in values:
            stored["_id"] = stored["_id"].replace(f" {of}", f" {values['name']}")
        stored |= {"dueAt" if at == "due" else at: value for at, value in values.items()}
        self._database[f"{kind}-1"].insert_one(stored)

    def _remove(self, kind: str, name: str) -> dict[str, Any]:
        stored = self._database[f"{kind}-1"].find_one_and_delete({"_id": {"$regex": f" {name}$"}})
        assert stored is not None
        return stored
