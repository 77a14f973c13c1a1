"""What every store of objects promises, whatever it stores in."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from application.ports.objects import ApiObjects
from application.ports.read_model import ReadModel
from application.ports.views import ApiObjectChange, ApiObjectView, ViewChange
from domain.api_object.api_object import ApiObject
from domain.api_object.key import ApiObjectKey, ApiObjectKind, namespace_key
from infrastructure.memory.objects import MemoryApiObjects
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.objects import SqliteApiObjects
from infrastructure.sqlite.read_model import SqliteReadModel
from tests.contracts.given import NOON, SettableClock

Both = tuple[ApiObjects, ReadModel]


@pytest.fixture(params=["sqlite", "mongodb"])
async def stored(
    request: pytest.FixtureRequest, tmp_path: Path, store_clock: SettableClock
) -> AsyncIterator[Both]:
    """Objects beside the views that they are cleared with."""
    if request.param == "mongodb":
        async with open_mongodb(request.getfixturevalue("mongodb_uri")) as stores:
            yield stores.api_objects, stores.read_model
        return
    database = SqliteDatabase.open(tmp_path / "lab.db", clock=store_clock)
    yield SqliteApiObjects(database), SqliteReadModel(database)
    await database.close()


@pytest.fixture(params=["memory", "sqlite", "mongodb"])
async def api_objects(
    request: pytest.FixtureRequest, tmp_path: Path, store_clock: SettableClock
) -> AsyncIterator[ApiObjects]:
    if request.param == "memory":
        yield MemoryApiObjects()
    elif request.param == "mongodb":
        async with open_mongodb(request.getfixturevalue("mongodb_uri")) as stores:
            yield stores.api_objects
    else:
        database = SqliteDatabase.open(tmp_path / "lab.db", clock=store_clock)
        yield SqliteApiObjects(database)
        await database.close()


def lease(name: str, namespace: str = "default") -> ApiObjectKey:
    return ApiObjectKey(kind=ApiObjectKind.LEASE, namespace=namespace, name=name)


def view(key: ApiObjectKey, position: int, *, minutes: int = 0) -> ApiObjectView:
    api_object = ApiObject(
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
    return ApiObjectView(api_object=api_object, resource_version=position)


def written(key: ApiObjectKey, position: int, *, minutes: int = 0) -> ApiObjectChange:
    after = view(key, position, minutes=minutes)
    return ViewChange(position=position, key=key, before=None, after=after, deleted=None)


def removed(key: ApiObjectKey, position: int) -> ApiObjectChange:
    last = view(key, position)
    return ViewChange(position=position, key=key, before=last, after=None, deleted=last)


def places(views: Sequence[ApiObjectView]) -> list[str]:
    return [f"{one.api_object.key.namespace}/{one.api_object.key.name}" for one in views]


async def test_an_api_object_reads_back_equal(api_objects: ApiObjects) -> None:
    await api_objects.apply([written(lease("leader"), 3)])

    assert await api_objects.get(lease("leader")) == view(lease("leader"), 3)
    assert await api_objects.get(lease("other")) is None
    assert await api_objects.get(namespace_key("leader")) is None


async def test_kinds_and_namespaces_are_kept_apart_and_in_order(api_objects: ApiObjects) -> None:
    keys = [lease("b", "x-1"), lease("c", "x"), lease("a", "x"), namespace_key("x")]
    await api_objects.apply([written(key, at) for at, key in enumerate(keys, 1)])

    every = await api_objects.find(ApiObjectKind.LEASE, namespace=None)
    assert places(every) == ["x/a", "x/c", "x-1/b"]
    assert places(await api_objects.find(ApiObjectKind.LEASE, namespace="x")) == ["x/a", "x/c"]
    assert places(await api_objects.find(ApiObjectKind.NAMESPACE, namespace=None)) == ["/x"]
    assert places(await api_objects.find(ApiObjectKind.EVENT, namespace=None)) == []


async def test_a_removed_api_object_is_gone_and_its_name_can_be_used_again(
    api_objects: ApiObjects,
) -> None:
    key = namespace_key("course")
    await api_objects.apply([written(key, 1), removed(key, 2)])
    assert await api_objects.get(key) is None
    assert list(await api_objects.find(ApiObjectKind.NAMESPACE, namespace=None)) == []

    await api_objects.apply([written(key, 3)])
    assert await api_objects.get(key) == view(key, 3)


async def test_an_older_change_never_wins_and_a_repeat_is_harmless(
    api_objects: ApiObjects,
) -> None:
    await api_objects.apply([written(lease("a"), 5)])

    await api_objects.apply([written(lease("a"), 4, minutes=9), removed(lease("a"), 5)])
    await api_objects.apply([written(lease("a"), 5, minutes=9)])
    await api_objects.apply([])

    assert await api_objects.get(lease("a")) == view(lease("a"), 5)


@pytest.mark.parametrize("api_objects", ["memory", "mongodb"], indirect=True)
async def test_a_late_writer_does_not_bring_back_what_is_gone(api_objects: ApiObjects) -> None:
    await api_objects.apply([written(lease("a"), 1)])
    await api_objects.apply([written(lease("a"), 2), removed(lease("a"), 3)])

    await api_objects.apply([written(lease("a"), 2)])

    assert await api_objects.get(lease("a")) is None


async def test_api_objects_that_changed_long_ago_come_oldest_first(
    api_objects: ApiObjects,
) -> None:
    ages = {"new": 9, "old": 1, "older": 0, "edge": 5}
    await api_objects.apply(
        [
            written(lease(name), at, minutes=minutes)
            for at, (name, minutes) in enumerate(ages.items(), 1)
        ]
    )
    then = NOON + timedelta(minutes=5)

    found = await api_objects.unchanged_since(ApiObjectKind.LEASE, then, limit=9)
    assert places(found) == ["default/older", "default/old", "default/edge"]
    first = await api_objects.unchanged_since(ApiObjectKind.LEASE, then, limit=1)
    assert places(first) == ["default/older"]
    assert list(await api_objects.unchanged_since(ApiObjectKind.EVENT, then, limit=9)) == []


async def test_clearing_the_views_clears_the_api_objects_too(stored: Both) -> None:
    api_objects, read_model = stored
    await api_objects.apply([written(lease("a"), 5)])

    await read_model.clear()

    assert await api_objects.get(lease("a")) is None
    await api_objects.apply([written(lease("a"), 1)])
    assert await api_objects.get(lease("a")) == view(lease("a"), 1)
