"""A view that cannot be read concerns its lab or API object alone, and is made anew from the
log, over every store that keeps views."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from application.event_log.api_objects import API_OBJECTS
from application.event_log.labs import LABS, stream_of
from application.ports.read_model import UnreadableView
from application.ports.selectors import EVERYTHING
from application.ports.views import LabInstanceView
from application.projections.view_mender import ViewMender
from domain.api_object.key import ApiObjectKind
from domain.lab_instance.key import LabKey
from tests.contracts.given import GOING, GONE, NOON, change, created
from tests.contracts.spoiled import KEYS, LEASES, NAMES, OF_LABS, OF_OBJECTS, Stocked, stocked_in
from tests.fakes.virtual_time import until

DOCUMENTS = [b"{", b"{}", b"null", b'{"key": 1}', b"5", b"[]", b"", b'\xfb"key":{}}']


@pytest.fixture(params=["sqlite", "mongodb"])
async def stocked(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stocked]:
    async with stocked_in(request, tmp_path) as found:
        yield found


@pytest.fixture
async def menders(stocked: Stocked) -> AsyncIterator[None]:
    labs = ViewMender(LABS, stocked.log, stocked.unreadable_labs, rest=0.01)
    objects = ViewMender(API_OBJECTS, stocked.log, stocked.unreadable_objects, rest=0.01)
    running = [asyncio.create_task(one.run()) for one in (labs, objects)]
    yield
    for one in running:
        one.cancel()
        with suppress(asyncio.CancelledError):
            await one


async def listed(stocked: Stocked, *, limit: int = 100) -> list[str]:
    names: list[str] = []
    after: LabKey | None = None
    while True:
        page = await stocked.labs.find(EVERYTHING, after=after, limit=limit)
        names += _names(page.views)
        if not page.more:
            return names
        after = page.views[-1].lab.key


def _names(views: Sequence[LabInstanceView]) -> list[str]:
    return [view.lab.key.name for view in views]


async def listed_leases(stocked: Stocked) -> list[str]:
    found = await stocked.objects.find(ApiObjectKind.LEASE, namespace="class-a")
    return [view.api_object.key.name for view in found]


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_a_lab_with_a_bad_view_answers_an_error_that_names_it_and_others_go_on(
    stocked: Stocked, document: bytes
) -> None:
    stocked.spoil(OF_LABS, "b", document)
    with pytest.raises(UnreadableView, match="the view of lab class-a/b cannot be read"):
        await stocked.labs.get(KEYS[1])
    assert await stocked.labs.get(KEYS[0]) is not None
    assert await listed(stocked) == ["a", "c", "d", "e"]
    assert stocked.unreadable_labs.unreadable == (KEYS[1],)


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_an_api_object_with_a_bad_view_answers_an_error_that_names_it_and_others_go_on(
    stocked: Stocked, document: bytes
) -> None:
    stocked.spoil(OF_OBJECTS, "b", document)
    with pytest.raises(UnreadableView, match="the view of lease class-a/b cannot be read"):
        await stocked.objects.get(LEASES[1])
    assert await stocked.objects.get(LEASES[0]) is not None
    assert await listed_leases(stocked) == ["a", "c", "d", "e"]
    later = NOON + timedelta(hours=1)
    old = await stocked.objects.unchanged_since(ApiObjectKind.LEASE, later, limit=9)
    assert [view.api_object.key.name for view in old] == ["a", "c", "d", "e"]
    assert stocked.unreadable_objects.unreadable == (LEASES[1],)


@pytest.mark.usefixtures("menders")
@pytest.mark.parametrize("document", [DOCUMENTS[0], DOCUMENTS[-1]])
async def test_an_unreadable_view_is_made_anew_from_the_log(
    stocked: Stocked, document: bytes
) -> None:
    lab, lease = await stocked.labs.get(KEYS[1]), await stocked.objects.get(LEASES[1])
    stocked.spoil(OF_LABS, "b", document)
    stocked.spoil(OF_OBJECTS, "b", document)
    await listed(stocked)
    await listed_leases(stocked)
    await until(lambda: stocked.unreadable_labs.unreadable == (), within=20)
    await until(lambda: stocked.unreadable_objects.unreadable == (), within=20)
    assert await stocked.labs.get(KEYS[1]) == lab
    assert await stocked.objects.get(LEASES[1]) == lease
    assert await listed(stocked) == list(NAMES)
    assert await listed_leases(stocked) == list(NAMES)


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_are_full_whatever_is_left_out(stocked: Stocked, limit: int) -> None:
    for name in ("a", "b", "d"):
        stocked.spoil(OF_LABS, name, b"{")
    assert await listed(stocked, limit=limit) == ["c", "e"]


@pytest.mark.usefixtures("menders")
async def test_the_document_of_another_is_not_believed_and_goes_where_the_log_knows_nothing(
    stocked: Stocked,
) -> None:
    stocked.set_field(OF_LABS, "e", name="ghost")
    stocked.set_field(OF_OBJECTS, "e", name="ghost")
    with pytest.raises(UnreadableView, match="class-a/ghost"):
        await stocked.labs.get(LabKey("class-a", "ghost"))
    assert await listed(stocked) == ["a", "b", "c", "d"]
    assert await listed_leases(stocked) == ["a", "b", "c", "d"]
    await until(lambda: stocked.unreadable_labs.unreadable == (), within=20)
    await until(lambda: stocked.unreadable_objects.unreadable == (), within=20)
    assert await stocked.labs.get(LabKey("class-a", "ghost")) is None
    assert await stocked.labs.count(EVERYTHING) == 4


async def test_due_and_owned_labs_and_counts_go_on(stocked: Stocked) -> None:
    stocked.spoil(OF_LABS, "a", b"{")
    stocked.set_field(OF_LABS, "a", state="unheard-of", due=1)
    assert "a" not in _names(await stocked.labs.due(NOON, limit=9))
    assert set(await stocked.labs.owned(["uid-of-class-a-a", "uid-of-class-a-b"])) == {
        "uid-of-class-a-b"
    }
    assert sum((await stocked.labs.count_by_state()).values()) == len(NAMES) - 1


@pytest.mark.usefixtures("menders")
async def test_a_lab_whose_events_cannot_be_decoded_keeps_no_other_from_being_mended(
    stocked: Stocked,
) -> None:
    stocked.log.unreadable = {stream_of(KEYS[0])}
    for name in ("a", "b", "c"):
        stocked.spoil(OF_LABS, name, b"{")
    await listed(stocked)
    await until(lambda: stocked.unreadable_labs.unreadable == (KEYS[0],), within=20)
    assert await listed(stocked) == ["b", "c", "d", "e"]
    stocked.log.unreadable = set()
    await until(lambda: stocked.unreadable_labs.unreadable == (), within=20)


async def test_a_lab_that_went_while_it_was_mended_stays_gone(stocked: Stocked) -> None:
    before = await stocked.labs.get(KEYS[1])
    stocked.spoil(OF_LABS, "b", b"{")
    await listed(stocked)
    await stocked.labs.apply([change(created("b"), GOING, GONE, position=19)], position=19)
    await stocked.unreadable_labs.replace(KEYS[1], before)
    assert await stocked.labs.get(KEYS[1]) is None
    assert await listed(stocked) == ["a", "c", "d", "e"]


async def test_a_view_that_somebody_wrote_meanwhile_stays(stocked: Stocked) -> None:
    stocked.spoil(OF_LABS, "b", b"{")
    await listed(stocked)
    written = change(created("b", template="static"), position=19)
    await stocked.labs.apply([written], position=19)
    await stocked.unreadable_labs.replace(KEYS[1], None)
    kept = await stocked.labs.get(KEYS[1])
    assert kept is not None
    assert kept.resource_version == 19
