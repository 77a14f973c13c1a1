"""A server that freezes, dies and comes back: bounded troubles, nothing lost, all goes on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest

from application.ports.checkpoints import Checkpoint
from application.ports.event_store import EventStoreUnavailable
from application.ports.leases import Lease, LeasesUnavailable
from application.ports.read_model import ReadModelUnavailable
from application.ports.selectors import EVERYTHING
from domain.lab_instance.key import LabKey
from infrastructure.mongodb.connection import MongodbStores, open_mongodb
from tests.contracts.given import NOON, change, created
from tests.servers.mongod import Mongod, running_mongod
from tests.servers.mongodb_uri import of_database

pytestmark = [
    pytest.mark.usefixtures("swept"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]
PATIENCE = 1.0
SLOW_MACHINE = 3.0
KEY = LabKey("class-a", "lab")
LEASE = Lease(name="shard", holder="me", token=1)

CALLS: dict[str, tuple[type[Exception], Callable[[MongodbStores], Awaitable[Any]]]] = {
    "get": (ReadModelUnavailable, lambda s: s.read_model.get(KEY)),
    "find": (ReadModelUnavailable, lambda s: s.read_model.find(EVERYTHING, after=None, limit=1)),
    "count": (ReadModelUnavailable, lambda s: s.read_model.count(EVERYTHING)),
    "due": (ReadModelUnavailable, lambda s: s.read_model.due(NOON, limit=1)),
    "owned": (ReadModelUnavailable, lambda s: s.read_model.owned(["uid"])),
    "unsettled": (ReadModelUnavailable, lambda s: s.read_model.unsettled(after=None, limit=1)),
    "by state": (ReadModelUnavailable, lambda s: s.read_model.count_by_state()),
    "position": (ReadModelUnavailable, lambda s: s.read_model.position()),
    "apply": (
        ReadModelUnavailable,
        lambda s: s.read_model.apply([change(created("lab"), position=9)], position=9),
    ),
    "clear": (ReadModelUnavailable, lambda s: s.read_model.clear()),
    "claim": (ReadModelUnavailable, lambda s: s.read_model.claim("log")),
    "load": (EventStoreUnavailable, lambda s: s.checkpoints.load("watcher")),
    "save": (
        EventStoreUnavailable,
        lambda s: s.checkpoints.save("watcher", Checkpoint(position=9, origin="log")),
    ),
    "acquire": (
        LeasesUnavailable,
        lambda s: s.leases.acquire("shard", holder="me", seconds=9),
    ),
    "renew": (LeasesUnavailable, lambda s: s.leases.renew(LEASE, seconds=9)),
    "release": (LeasesUnavailable, lambda s: s.leases.release(LEASE)),
    "holders": (LeasesUnavailable, lambda s: s.leases.holders()),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Mongod]:
    """A replica set of one's own, to be frozen and killed."""
    with running_mongod() as running:
        yield running


@pytest.fixture
async def impatient(server: Mongod) -> AsyncIterator[MongodbStores]:
    """Stores of an empty database that wait for nobody."""
    uri = of_database(server.uri, f"test-{uuid4().hex}")
    bounds = f"&timeoutMS={PATIENCE * 1000:.0f}&heartbeatFrequencyMS=500"
    async with open_mongodb(uri) as patient:
        await patient.read_model.apply([change(created("lab"), position=1)], position=1)
    async with open_mongodb(uri + bounds) as stores:
        yield stores


async def until_it_works(call: Callable[[], Awaitable[Any]]) -> Any:
    for _ in range(200):
        try:
            return await call()
        except (ReadModelUnavailable, EventStoreUnavailable, LeasesUnavailable):
            await asyncio.sleep(0.05)
    raise AssertionError("it did not come back")


async def test_a_frozen_server_is_unavailable_in_bounded_time(
    server: Mongod, impatient: MongodbStores
) -> None:
    for _, call in CALLS.values():
        await call(impatient)
    server.pause()
    try:
        begun = monotonic()
        answers = await asyncio.gather(
            *(call(impatient) for _, call in CALLS.values()), return_exceptions=True
        )
        took = monotonic() - begun
    finally:
        server.resume()

    expected = {name: error for name, (error, _) in CALLS.items()}
    assert dict(zip(CALLS, map(type, answers), strict=True)) == expected
    assert took < PATIENCE + SLOW_MACHINE
    assert all("\n" not in str(answer) and "unavailable: " in str(answer) for answer in answers)
    await until_it_works(impatient.read_model.position)


async def test_the_read_model_goes_on_where_it_was_after_a_freeze(
    server: Mongod, impatient: MongodbStores
) -> None:
    """What was under way may have been written or not; to repeat it is right in both cases."""
    model = impatient.read_model
    batch = [change(created("lab"), position=2), change(created("b"), position=3)]
    server.pause()
    with pytest.raises(ReadModelUnavailable):
        await model.apply(batch, position=3)
    server.resume()

    await until_it_works(lambda: model.apply(batch, position=3))

    page = await model.find(EVERYTHING, after=None, limit=9)
    assert [view.resource_version for view in page.views] == [3, 2]
    assert page.position == 3


async def test_a_killed_server_loses_nothing_and_is_found_again(
    server: Mongod, impatient: MongodbStores
) -> None:
    model = impatient.read_model
    acknowledged = 1
    for position in range(2, 40):
        await model.apply([change(created(f"l-{position}"), position=position)], position=position)
        acknowledged = position
    server.kill()
    begun = monotonic()
    with pytest.raises(ReadModelUnavailable, match=r"127\.0\.0\.1"):
        await model.get(KEY)
    assert monotonic() - begun < PATIENCE + SLOW_MACHINE

    server.start()

    assert await until_it_works(model.position) == acknowledged
    assert await model.count(EVERYTHING) == acknowledged
    await model.apply([change(created("more"), position=50)], position=50)


async def test_a_kill_in_the_middle_of_a_batch_leaves_no_half_that_counts(
    server: Mongod, impatient: MongodbStores
) -> None:
    model = impatient.read_model
    batch = [change(created(f"lab-{number}"), position=number + 2) for number in range(3000)]
    writing = asyncio.create_task(model.apply(batch, position=5000))
    while await model.count(EVERYTHING) == 1 and not writing.done():
        await asyncio.sleep(0)
    server.kill()
    with pytest.raises(ReadModelUnavailable):
        await writing
    server.start()

    assert await until_it_works(model.position) == 1
    for start in range(0, 3000, 500):
        await model.apply(batch[start : start + 500], position=start + 501)

    assert await model.count(EVERYTHING) == 3001


async def test_no_trouble_tells_of_a_student(impatient: MongodbStores) -> None:
    """A document that is refused is in the driver's own message, and in its traceback."""
    too_large = created("lab", student="ada@example.org", labels={"k": "x" * 17_000_000})

    with pytest.raises(ReadModelUnavailable) as refusal:
        await impatient.read_model.apply([change(too_large, position=2)], position=2)

    assert "ada" not in str(refusal.value)
    assert refusal.value.__suppress_context__


async def test_a_task_cancelled_in_the_middle_of_a_call_ends(mongodb_uri: str) -> None:
    async with open_mongodb(mongodb_uri) as stores:
        await stores.read_model.position()

        async def work() -> None:
            while True:
                await stores.read_model.apply([], position=1)
                await stores.read_model.position()

        for number in range(200):
            working = asyncio.create_task(work())
            await asyncio.sleep(0.0001 * (number % 40))
            working.cancel()
            done, _ = await asyncio.wait({working}, timeout=2)
            assert done, f"attempt {number}"
