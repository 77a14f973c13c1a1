"""Streams are read by what the views know of them, and the log bears it out."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from application.event_log.derived import Reread, Views, load_by_views, reread
from application.event_log.labs import LABS
from application.event_log.loading import Loaded, load
from application.event_log.recent_labs import views_in
from application.ports.read_model import CommandSearch, ReadModelUnavailable
from application.ports.views import CarriedOut, LabInstanceView
from domain.lab_instance.commands import GrantAccess
from domain.lab_instance.control_commands import MarkReady, StartProvisioning
from domain.lab_instance.key import LabKey
from infrastructure.memory.event_store import MemoryEventStore
from tests.application.arrangement import Arrangement, arranged, context
from tests.application.event_log.reading import CountingReader
from tests.application.event_log.test_recent_labs import relabel, send
from tests.domain.scenario import LAB, UID
from tests.domain.test_user_commands import abandon, change, create, delete

LabViews = Views[LabKey, LabInstanceView]
MINE = context("mine", repeatable=True)


@pytest.fixture
def app() -> Arrangement:
    app = arranged()
    return replace(app, store=CountingReader(MemoryEventStore(app.clock)))


@pytest.fixture
def views(app: Arrangement) -> LabViews:
    return views_in(app.read_model)


async def project(app: Arrangement) -> None:
    """Have the views reach the end of the log."""
    async with app.projecting():
        assert await app.projected.reached(await app.store.head(), within=2)


async def bring_up(app: Arrangement) -> None:
    start = StartProvisioning(lab=LAB, uid=UID, timeout=timedelta(minutes=1))
    ready = MarkReady(lab=LAB, uid=UID, revision=1, endpoint="http://lab", isolation="none")
    await send(app, start, ready)


async def counted(app: Arrangement, work: Callable[[], Awaitable[object]]) -> int:
    """How many events are read for it."""
    assert isinstance(app.store, CountingReader)
    before = app.store.read
    await work()
    return app.store.read - before


async def sought(app: Arrangement, views: LabViews) -> Reread[LabInstanceView]:
    return await reread(LABS, app.store, views, LAB, MINE.command_id)


async def test_the_first_look_at_a_long_life_reads_its_end(
    app: Arrangement, views: LabViews
) -> None:
    await send(app, create, *[relabel(n) for n in range(50)])
    await project(app)
    assert await load_by_views(LABS, app.store, views, LAB) == await load(LABS, app.store, LAB)
    assert await counted(app, lambda: load_by_views(LABS, app.store, views, LAB)) == 1
    await send(app, *[relabel(n) for n in range(100, 103)])
    assert await load_by_views(LABS, app.store, views, LAB) == await load(LABS, app.store, LAB)
    assert await counted(app, lambda: load_by_views(LABS, app.store, views, LAB)) == 4


@pytest.mark.parametrize("newer", [0, 1, 3])
async def test_events_that_change_nothing_to_be_seen_are_not_all_read(
    app: Arrangement, views: LabViews, newer: int
) -> None:
    await send(app, create, relabel(1))
    await bring_up(app)
    await send(app, *[GrantAccess(lab=LAB)] * 100)
    await project(app)
    await send(app, *[relabel(n) for n in range(100, 100 + newer)], GrantAccess(lab=LAB))
    assert await load_by_views(LABS, app.store, views, LAB) == await load(LABS, app.store, LAB)
    assert await counted(app, lambda: load_by_views(LABS, app.store, views, LAB)) == 64


async def test_a_view_that_went_on_while_the_stream_was_read_is_not_held_against_its_end(
    app: Arrangement, views: LabViews
) -> None:
    await send(app, create)
    await bring_up(app)
    await send(app, *[GrantAccess(lab=LAB)] * 100)
    await project(app)

    async def while_more_happens() -> int:
        await send(app, relabel(1), relabel(2))
        await project(app)
        return await app.read_model.position()

    found = await load_by_views(LABS, app.store, replace(views, position=while_more_happens), LAB)
    assert found.view is not None
    assert found.last is not None
    assert found.view.resource_version <= found.last.position


async def test_a_view_that_is_behind_many_such_events_is_folded_on(
    app: Arrangement, views: LabViews
) -> None:
    await send(app, create)
    await project(app)
    await bring_up(app)
    await send(app, *[GrantAccess(lab=LAB)] * 100)
    assert await load_by_views(LABS, app.store, views, LAB) == await load(LABS, app.store, LAB)


async def test_a_view_of_an_earlier_life_is_no_part_of_a_later_one(
    app: Arrangement, views: LabViews
) -> None:
    await send(app, create, relabel(1))
    await project(app)
    await send(app, delete, abandon, replace(create, uid="another"), relabel(2))
    found = await load_by_views(LABS, app.store, views, LAB)
    assert found == await load(LABS, app.store, LAB)
    assert found.view is not None
    assert found.view.lab.uid == "another"


@pytest.mark.parametrize("position", [3, 50])
async def test_a_view_that_the_log_does_not_bear_out_is_not_believed(
    app: Arrangement, views: LabViews, position: int
) -> None:
    await send(app, create, relabel(1))
    await app.send(replace(create, lab=LabKey("default", "another")))
    await send(app, relabel(2))
    now = await load(LABS, app.store, LAB)
    assert now.view is not None
    foreign = replace(now.view, resource_version=position, lab=replace(now.view.lab, uid="x"))

    async def get(_: LabKey) -> LabInstanceView | None:
        return foreign

    assert await load_by_views(LABS, app.store, replace(views, get=get), LAB) == now


async def test_the_log_alone_answers_where_the_views_do_not(app: Arrangement) -> None:
    async def away(_: LabKey) -> LabInstanceView | None:
        raise ReadModelUnavailable("it is away")

    async def unknown(_: UUID) -> CommandSearch:
        raise ReadModelUnavailable("it is away")

    async def nowhere() -> int:
        raise ReadModelUnavailable("it is away")

    absent = Views(get=away, position=nowhere, find_command=unknown)
    await send(app, create, relabel(1))
    first = await app.mediator.send(relabel(2), MINE)
    await send(app, relabel(3))
    assert await load_by_views(LABS, app.store, absent, LAB) == await load(LABS, app.store, LAB)
    found = await sought(app, absent)
    assert found.earlier is not None
    assert found.earlier.view == first.view


async def test_a_new_key_costs_the_same_after_a_long_life(
    app: Arrangement, views: LabViews
) -> None:
    await send(app, create, *[relabel(n) for n in range(50)])
    await project(app)
    assert (await sought(app, views)) == Reread(now=await load(LABS, app.store, LAB), earlier=None)
    assert await counted(app, lambda: sought(app, views)) == 1


@pytest.mark.parametrize("projected_before", [True, False])
async def test_a_repeat_is_recognised_whether_the_views_have_come_that_far_or_not(
    app: Arrangement, views: LabViews, *, projected_before: bool
) -> None:
    await send(app, create, *[relabel(n) for n in range(20)])
    await project(app)
    first = await app.mediator.send(relabel(100), MINE)
    if projected_before:
        await project(app)
    found = await sought(app, views)
    assert found.earlier == found.now == await load(LABS, app.store, LAB)
    assert found.now.view == first.view
    await send(app, *[relabel(n) for n in range(200, 210)])
    found = await sought(app, views)
    assert found.now == await load(LABS, app.store, LAB)
    assert found.earlier is not None
    assert found.earlier.view == first.view
    assert (await app.mediator.send(relabel(300), MINE)).view == first.view


async def test_a_repeat_after_nothing_else_happened_reads_the_end_only(
    app: Arrangement, views: LabViews
) -> None:
    await send(app, create, *[relabel(n) for n in range(50)])
    await app.mediator.send(relabel(100), MINE)
    await project(app)
    assert await counted(app, lambda: sought(app, views)) == 2


async def test_a_repeat_is_told_all_of_a_command_that_the_views_have_a_part_of(
    app: Arrangement, views: LabViews
) -> None:
    await send(app, create)
    both = replace(change, labels={"a": "b"}, spec=replace(change.spec, duration="90m"))
    first = await app.mediator.send(both, MINE)
    assert await app.store.head() == 3, "a command of two events"
    await send(app, relabel(2))
    half = CarriedOut(command=MINE.command_id, version=2, position=2)

    async def in_part(_: UUID) -> CommandSearch:
        return CommandSearch(position=2, found=half)

    found = await sought(app, replace(views, find_command=in_part))
    assert found.earlier is not None
    assert found.earlier.view == first.view


async def test_a_repeat_is_answered_from_memory_where_its_first_was_carried_out(
    app: Arrangement,
) -> None:
    await send(app, create, *[relabel(n) for n in range(50)])
    first = await app.mediator.send(relabel(100), MINE)
    await send(app, relabel(200))
    await project(app)
    repeated: list[object] = []

    async def repeat() -> None:
        repeated.append((await app.mediator.send(relabel(300), MINE)).view)

    assert await counted(app, repeat) == 3
    assert repeated == [first.view]


async def test_a_command_of_another_log_is_looked_for_in_the_whole_stream(
    app: Arrangement, views: LabViews
) -> None:
    await send(app, create, *[relabel(n) for n in range(5)])
    first = await app.mediator.send(relabel(100), MINE)

    async def elsewhere(command: UUID) -> CommandSearch:
        found = CarriedOut(command=command, version=3, position=3)
        return CommandSearch(position=90, found=found)

    found = await sought(app, replace(views, find_command=elsewhere))
    assert found.earlier == Loaded(view=first.view, last=found.now.last)
