"""How fast views are written to MongoDB, beside plain bulk writes of the same documents."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from pymongo import AsyncMongoClient, ReplaceOne

from application.ports.views import LabChange, LabInstanceView, ViewChange
from benchmarks.figures import Figure, progress, rate, ratio
from domain.lab_instance.events import LabInstanceCreated
from domain.lab_instance.evolve import evolve
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.mongodb.indexes import VIEW_INDEXES
from infrastructure.mongodb.view_documents import to_document
from tests.servers.mongod import running_mongod
from tests.servers.mongodb_uri import of_database

LABS = 5000
BATCH = 1000
ROUNDS = 5
_START = datetime(2026, 1, 1, tzinfo=UTC)

Batches = Sequence[Sequence[LabChange]]


def measure(_folder: Path) -> Sequence[Figure]:
    """Each round writes labs that are new and then changes them all, in batches as the
    projector has them when it is behind; the ways of writing take turns."""
    with running_mongod() as server:
        found = asyncio.run(_rounds(server.uri))
    ours, plain, bare = (median(one) for one in zip(*found, strict=True))
    return [
        rate(f"views written to MongoDB, batches of {BATCH:,}", ours),
        rate("plain bulk writes of the documents, same indexes", plain),
        ratio("  views against it", ours, plain, goal="at least 0.6"),
        rate("plain bulk writes of the documents, no index", bare),
        ratio("  views against it", ours, bare),
    ]


async def _rounds(uri: str) -> Sequence[tuple[float, float, float]]:
    batches = [*_batches(first_position=1), *_batches(first_position=LABS + 1)]
    found = []
    for number in range(ROUNDS + 1):
        rates = (
            await _written_as_views(of_database(uri, f"ours-{number}"), batches),
            await _written_plainly(of_database(uri, f"plain-{number}"), batches, indexed=True),
            await _written_plainly(of_database(uri, f"bare-{number}"), batches, indexed=False),
        )
        progress("views {:,.0f} /s, plain {:,.0f} /s, without indexes {:,.0f} /s".format(*rates))
        found.append(rates)
    return found[1:]  # the first one warms up


async def _written_as_views(uri: str, batches: Batches) -> float:
    async with open_mongodb(uri) as stores:
        started = perf_counter()
        for batch in batches:
            await stores.read_model.apply(batch, position=batch[-1].position)
        return 2 * LABS / (perf_counter() - started)


async def _written_plainly(uri: str, batches: Batches, *, indexed: bool) -> float:
    """The documents are made beforehand: what is measured is the driver and the server."""
    documents = [
        [to_document(change.after) for change in batch if change.after] for batch in batches
    ]
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        collection = client.get_default_database()["documents"]
        if indexed:
            await collection.create_indexes(list(VIEW_INDEXES))
        started = perf_counter()
        for batch in documents:
            await collection.bulk_write(
                [ReplaceOne({"_id": one["_id"]}, one, upsert=True) for one in batch],
                ordered=False,
            )
        return 2 * LABS / (perf_counter() - started)


def _batches(*, first_position: int) -> Batches:
    changes = [_change(number, first_position + number) for number in range(LABS)]
    return [changes[start : start + BATCH] for start in range(0, LABS, BATCH)]


def _change(number: int, position: int) -> LabChange:
    key = LabKey(f"class-{number % 50}", f"lab-{number}")
    spec = LabInstanceSpec(
        template="python-basics",
        duration="60m",
        student_email=f"student-{number}@example.com",
        environment={"COURSE": "101"},
    )
    created = LabInstanceCreated(
        lab=key,
        uid=f"uid-{number}",
        spec=spec,
        labels={"course": str(number % 50)},
        annotations={},
        finalizers=(),
        at=_START + timedelta(seconds=number),
    )
    lab = evolve(None, created)
    if lab is None:
        raise RuntimeError("a lab that was created is there")
    view = LabInstanceView(
        lab=replace(lab, message=f"as of {position}"), resource_version=position
    )
    return ViewChange(position=position, key=key, before=None, after=view, deleted=None)
