"""What every store of documents promises, whatever it stores in."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from application.ports.object_views import DocumentChange, DocumentView
from application.ports.objects import Documents
from application.ports.read_model import ReadModel
from domain.api_object.api_object import Document
from domain.api_object.key import DocumentKey, DocumentKind, namespace_key
from infrastructure.memory.objects import MemoryDocuments
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.objects import SqliteDocuments
from infrastructure.sqlite.read_model import SqliteReadModel
from tests.contracts.given import NOON, SettableClock

Both = tuple[Documents, ReadModel]


@pytest.fixture(params=["sqlite", "mongodb"])
async def stored(
    request: pytest.FixtureRequest, tmp_path: Path, store_clock: SettableClock
) -> AsyncIterator[Both]:
    """Documents beside the views that they are cleared with."""
    if request.param == "mongodb":
        async with open_mongodb(request.getfixturevalue("mongodb_uri")) as stores:
            yield stores.documents, stores.read_model
        return
    database = SqliteDatabase.open(tmp_path / "lab.db", clock=store_clock)
    yield SqliteDocuments(database), SqliteReadModel(database)
    await database.close()


@pytest.fixture(params=["memory", "sqlite", "mongodb"])
async def documents(
    request: pytest.FixtureRequest, tmp_path: Path, store_clock: SettableClock
) -> AsyncIterator[Documents]:
    if request.param == "memory":
        yield MemoryDocuments()
    elif request.param == "mongodb":
        async with open_mongodb(request.getfixturevalue("mongodb_uri")) as stores:
            yield stores.documents
    else:
        database = SqliteDatabase.open(tmp_path / "lab.db", clock=store_clock)
        yield SqliteDocuments(database)
        await database.close()


def lease(name: str, namespace: str = "default") -> DocumentKey:
    return DocumentKey(kind=DocumentKind.LEASE, namespace=namespace, name=name)


def view(key: DocumentKey, position: int, *, minutes: int = 0) -> DocumentView:
    document = Document(
        key=key,
        uid=f"uid of {key}",
        labels={"ü": "ö"},
        annotations={},
        finalizers=("a/b",),
        content={"spec": f'{{"version":{position}}}'},
        managers=(),
        declared_at=NOON,
        changed_at=NOON + timedelta(minutes=minutes),
        removal_requested_at=None,
        removed=False,
    )
    return DocumentView(document=document, resource_version=position)


def written(key: DocumentKey, position: int, *, minutes: int = 0) -> DocumentChange:
    after = view(key, position, minutes=minutes)
    return DocumentChange(position=position, key=key, before=None, after=after, removed=None)


def removed(key: DocumentKey, position: int) -> DocumentChange:
    last = view(key, position)
    return DocumentChange(position=position, key=key, before=last, after=None, removed=last)


def places(views: Sequence[DocumentView]) -> list[str]:
    return [f"{one.document.key.namespace}/{one.document.key.name}" for one in views]


async def test_a_document_reads_back_equal(documents: Documents) -> None:
    await documents.apply([written(lease("leader"), 3)])

    assert await documents.get(lease("leader")) == view(lease("leader"), 3)
    assert await documents.get(lease("other")) is None
    assert await documents.get(namespace_key("leader")) is None


async def test_kinds_and_namespaces_are_kept_apart_and_in_order(documents: Documents) -> None:
    keys = [lease("b", "x-1"), lease("c", "x"), lease("a", "x"), namespace_key("x")]
    await documents.apply([written(key, at) for at, key in enumerate(keys, 1)])

    every = await documents.find(DocumentKind.LEASE, namespace=None)
    assert places(every) == ["x/a", "x/c", "x-1/b"]
    assert places(await documents.find(DocumentKind.LEASE, namespace="x")) == ["x/a", "x/c"]
    assert places(await documents.find(DocumentKind.NAMESPACE, namespace=None)) == ["/x"]
    assert places(await documents.find(DocumentKind.EVENT, namespace=None)) == []


async def test_what_is_removed_is_gone_and_its_name_can_be_used_again(
    documents: Documents,
) -> None:
    key = namespace_key("course")
    await documents.apply([written(key, 1), removed(key, 2)])
    assert await documents.get(key) is None
    assert list(await documents.find(DocumentKind.NAMESPACE, namespace=None)) == []

    await documents.apply([written(key, 3)])
    assert await documents.get(key) == view(key, 3)


async def test_an_older_change_never_wins_and_a_repeat_is_harmless(documents: Documents) -> None:
    await documents.apply([written(lease("a"), 5)])

    await documents.apply([written(lease("a"), 4, minutes=9), removed(lease("a"), 5)])
    await documents.apply([written(lease("a"), 5, minutes=9)])
    await documents.apply([])

    assert await documents.get(lease("a")) == view(lease("a"), 5)


async def test_those_that_changed_long_ago_come_oldest_first(documents: Documents) -> None:
    ages = {"new": 9, "old": 1, "older": 0, "edge": 5}
    await documents.apply(
        [
            written(lease(name), at, minutes=minutes)
            for at, (name, minutes) in enumerate(ages.items(), 1)
        ]
    )
    then = NOON + timedelta(minutes=5)

    found = await documents.unchanged_since(DocumentKind.LEASE, then, limit=9)
    assert places(found) == ["default/older", "default/old", "default/edge"]
    first = await documents.unchanged_since(DocumentKind.LEASE, then, limit=1)
    assert places(first) == ["default/older"]
    assert list(await documents.unchanged_since(DocumentKind.EVENT, then, limit=9)) == []


async def test_clearing_the_views_clears_the_documents_too(stored: Both) -> None:
    documents, read_model = stored
    await documents.apply([written(lease("a"), 5)])

    await read_model.clear()

    assert await documents.get(lease("a")) is None
    await documents.apply([written(lease("a"), 1)])
    assert await documents.get(lease("a")) == view(lease("a"), 1)
