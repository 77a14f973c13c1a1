"""A view that cannot be read concerns its lab alone, and is made anew from the log."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from application.event_log.labs import stream_of
from application.ports.event_store import EMPTY
from application.ports.read_model import UnreadableReadModel, UnreadableView
from application.ports.selectors import EVERYTHING
from application.ports.views import LabInstanceView
from application.projections.view_mender import ViewMender
from domain.lab_instance.key import LabKey
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.read_model import SqliteReadModel
from tests.contracts.given import GOING, GONE, NOON, change, created, new
from tests.fakes.event_store import TroubledEventStore
from tests.fakes.virtual_time import until

NAMES = ("a", "b", "c", "d", "e")
KEYS = [LabKey("class-a", name) for name in NAMES]


@pytest.fixture
async def views(database: SqliteDatabase) -> SqliteReadModel:
    """Five labs in the log and in the views."""
    log, model = SqliteEventStore(database), SqliteReadModel(database)
    for position, key in enumerate(KEYS, 1):
        await log.append(stream_of(key), [new(created(key.name))], expected=EMPTY)
        await model.apply([change(created(key.name), position=position)], position=position)
    return model


@pytest.fixture
def log(database: SqliteDatabase) -> TroubledEventStore:
    return TroubledEventStore(SqliteEventStore(database))


@pytest.fixture
async def mender(log: TroubledEventStore, views: SqliteReadModel) -> AsyncIterator[None]:
    work = ViewMender(log, views.unreadable, rest=0.01)
    running = asyncio.create_task(work.run())
    yield
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def harm(path: Path, *names: str, document: str = "{") -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for name in names:
            connection.execute("UPDATE views SET document = ? WHERE name = ?", (document, name))


def turn_a_bit(path: Path, name: str) -> None:
    """Set the top bit of the first letter, which makes the document invalid UTF-8."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "UPDATE views SET document = CAST(x'fb' || substr(document, 2) AS TEXT)"
            " WHERE name = ?",
            (name,),
        )


async def first_page(views: SqliteReadModel, limit: int) -> Sequence[LabInstanceView]:
    return (await views.find(EVERYTHING, after=None, limit=limit)).views


async def listed(views: SqliteReadModel, *, limit: int = 100) -> list[str]:
    names: list[str] = []
    after: LabKey | None = None
    while True:
        page = await views.find(EVERYTHING, after=after, limit=limit)
        names += [view.lab.key.name for view in page.views]
        if not page.more:
            return names
        after = page.views[-1].lab.key


@pytest.mark.parametrize("document", ["{", "{}", "null", '{"key": 1}'])
async def test_its_lab_answers_an_error_that_names_it_and_others_go_on(
    views: SqliteReadModel, path: Path, document: str
) -> None:
    harm(path, "b", document=document)
    with pytest.raises(UnreadableView, match="class-a/b"):
        await views.get(KEYS[1])
    assert await views.get(KEYS[0]) is not None
    assert await listed(views) == ["a", "c", "d", "e"]
    assert views.unreadable.unreadable == (KEYS[1],)


@pytest.mark.usefixtures("mender")
async def test_a_document_that_is_not_utf8_concerns_its_lab_alone_and_is_made_anew(
    views: SqliteReadModel, path: Path
) -> None:
    before = await views.get(KEYS[1])
    turn_a_bit(path, "b")
    with pytest.raises(UnreadableView, match="class-a/b"):
        await views.get(KEYS[1])
    assert await listed(views) == ["a", "c", "d", "e"]
    assert set(await views.owned(["uid-of-class-a-a", "uid-of-class-a-b"])) == {"uid-of-class-a-a"}
    await until(lambda: views.unreadable.unreadable == (), within=20)
    assert await views.get(KEYS[1]) == before


async def test_a_name_that_is_not_utf8_is_damage_and_no_outage(
    views: SqliteReadModel, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE views SET name = CAST(x'e2' AS TEXT) WHERE name = 'b'")
    with pytest.raises(UnreadableReadModel, match="Could not decode"):
        await listed(views)


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_are_full_whatever_is_left_out(
    views: SqliteReadModel, path: Path, limit: int
) -> None:
    harm(path, "a", "b", "d")
    assert await listed(views, limit=limit) == ["c", "e"]


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_a_page_takes_two_readings_at_most_whatever_is_left_out(
    views: SqliteReadModel, database: SqliteDatabase, path: Path, limit: int
) -> None:
    harm(path, "a", "b", "c", "d")
    statements: list[str] = []
    await database.read_aside(lambda file: file.set_trace_callback(statements.append))
    assert [view.lab.key.name for view in await first_page(views, limit)] == ["e"]
    assert sum("document" in statement for statement in statements) <= 2


async def test_the_document_of_another_lab_is_not_believed(
    views: SqliteReadModel, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "UPDATE views SET document = (SELECT document FROM views WHERE name = 'a')"
            " WHERE name = 'c'"
        )
    with pytest.raises(UnreadableView, match="class-a/c"):
        await views.get(KEYS[2])


async def test_due_and_owned_labs_and_counts_go_on(views: SqliteReadModel, path: Path) -> None:
    harm(path, "a")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE views SET state = 'unheard-of', due_at = 1 WHERE name = 'a'")
    assert "a" not in {view.lab.key.name for view in await views.due(NOON, limit=9)}
    assert set(await views.owned(["uid-of-class-a-a", "uid-of-class-a-b"])) == {"uid-of-class-a-b"}
    assert sum((await views.count_by_state()).values()) == len(NAMES) - 1


@pytest.mark.usefixtures("mender")
async def test_an_unreadable_row_is_made_anew_from_the_log(
    views: SqliteReadModel, path: Path
) -> None:
    before = await views.get(KEYS[1])
    harm(path, "b", "d")
    await listed(views)
    await until(lambda: views.unreadable.unreadable == (), within=20)
    assert await views.get(KEYS[1]) == before
    assert await listed(views) == list(NAMES)


@pytest.mark.usefixtures("mender")
async def test_a_view_of_a_lab_that_the_log_does_not_know_goes(
    views: SqliteReadModel, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE views SET name = 'ghost' WHERE name = 'e'")
    await listed(views)
    await until(lambda: views.unreadable.unreadable == (), within=20)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM views").fetchone() == (4,)


@pytest.mark.usefixtures("mender")
async def test_a_lab_whose_events_cannot_be_decoded_keeps_no_other_from_being_mended(
    views: SqliteReadModel, log: TroubledEventStore, path: Path
) -> None:
    log.unreadable = {stream_of(KEYS[0])}
    harm(path, "a", "b", "c")
    await listed(views)
    await until(lambda: views.unreadable.unreadable == (KEYS[0],), within=20)
    assert await listed(views) == ["b", "c", "d", "e"]
    log.unreadable = set()
    await until(lambda: views.unreadable.unreadable == (), within=20)


async def test_a_lab_that_went_while_it_was_mended_stays_gone(
    views: SqliteReadModel, path: Path
) -> None:
    before = await views.get(KEYS[1])
    harm(path, "b")
    await listed(views)
    await views.apply([change(created("b"), GOING, GONE, position=9)], position=9)
    await views.unreadable.replace(KEYS[1], before)
    assert await views.get(KEYS[1]) is None
    assert await listed(views) == ["a", "c", "d", "e"]


async def test_a_view_that_somebody_wrote_meanwhile_stays(
    views: SqliteReadModel, path: Path
) -> None:
    harm(path, "b")
    await listed(views)
    await views.apply([change(created("b", template="static"), position=9)], position=9)
    await views.unreadable.replace(KEYS[1], None)
    kept = await views.get(KEYS[1])
    assert kept is not None
    assert kept.resource_version == 9
