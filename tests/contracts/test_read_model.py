"""What every read model promises, whatever it stores in."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from application.ports.read_model import Page, ReadModel
from application.ports.selectors import (
    EVERYTHING,
    FieldRequirement,
    LabelRequirement,
    LabField,
    Operator,
    ViewFilter,
)
from domain.lab_instance.key import LabKey
from domain.lab_instance.policy import due_at
from domain.lab_instance.status import LabState
from tests.contracts.given import (
    NOON,
    READY,
    STARTED,
    change,
    created,
)


def names(page: Page) -> list[str]:
    return [str(view.lab.key) for view in page.views]


def field(name: LabField, value: str, *, negated: bool = False) -> ViewFilter:
    return ViewFilter(fields=(FieldRequirement(field=name, value=value, negated=negated),))


def label(key: str, operator: Operator, *values: str) -> ViewFilter:
    return ViewFilter(labels=(LabelRequirement(key=key, operator=operator, values=values),))


def both(one: ViewFilter, other: ViewFilter) -> ViewFilter:
    return ViewFilter(labels=one.labels + other.labels, fields=one.fields + other.fields)


async def test_an_empty_read_model_says_so(read_model: ReadModel) -> None:
    assert await read_model.position() == 0
    assert await read_model.get(LabKey("class-a", "lab")) is None
    assert await read_model.find(EVERYTHING, after=None, limit=5) == Page(
        views=[], more=False, position=0
    )
    assert not any((await read_model.count_by_state()).values())


async def test_a_view_reads_back_equal(read_model: ReadModel) -> None:
    event = created("lab", labels={"ü": "ö"}, student='q"uo\\te@example.org')
    ready = change(event, STARTED, READY, position=3)

    await read_model.apply([ready], position=3)

    assert await read_model.get(LabKey("class-a", "lab")) == ready.after


ALL = ["class-a/a1", "class-a/a2", "class-a/a3", "class-b/b1", "class-b/b2"]
GOLD = label("tier", Operator.IN, "gold")
CLASS_A = field(LabField.NAMESPACE, "class-a")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EVERYTHING, ALL),
        (CLASS_A, ALL[:3]),
        (field(LabField.NAMESPACE, "class-a", negated=True), ALL[3:]),
        (field(LabField.NAME, "b1"), ["class-b/b1"]),
        (field(LabField.STATE, "pending"), [ALL[1], ALL[3], ALL[4]]),
        (field(LabField.STATE, "pending", negated=True), [ALL[0], ALL[2]]),
        (field(LabField.STATE, "no such state"), []),
        (field(LabField.TEMPLATE, "terminal"), [ALL[1], ALL[4]]),
        (field(LabField.STUDENT, "bob@example.org"), [ALL[0]]),
        (GOLD, [ALL[0], ALL[2]]),
        (label("tier", Operator.IN, "gold", "iron"), ALL[:3]),
        (label("tier", Operator.NOT_IN, "gold"), [ALL[1], ALL[3], ALL[4]]),
        (label("course", Operator.EXISTS), [ALL[0], ALL[3]]),
        (label("course", Operator.ABSENT), [ALL[1], ALL[2], ALL[4]]),
        (both(GOLD, label("course", Operator.IN, "py")), [ALL[0]]),
        (both(GOLD, label("course", Operator.ABSENT)), [ALL[2]]),
        (both(GOLD, CLASS_A), [ALL[0], ALL[2]]),
        (both(GOLD, field(LabField.STUDENT, "ada@example.org")), [ALL[2]]),
        (both(CLASS_A, field(LabField.NAMESPACE, "class-b")), []),
        (both(field(LabField.TEMPLATE, "terminal"), CLASS_A), [ALL[1]]),
    ],
)
async def test_labs_are_found_and_counted_by_every_criterion(
    stocked: ReadModel, wanted: ViewFilter, found: Sequence[str]
) -> None:
    page = await stocked.find(wanted, after=None, limit=100)

    assert names(page) == list(found)
    assert (page.more, page.position) == (False, 10)
    assert await stocked.count(wanted) == len(found)


@pytest.mark.parametrize(
    "wanted",
    [EVERYTHING, CLASS_A, GOLD, field(LabField.TEMPLATE, "terminal"), both(GOLD, CLASS_A)],
)
async def test_pages_follow_one_another_without_gap_or_overlap(
    stocked: ReadModel, wanted: ViewFilter
) -> None:
    whole = names(await stocked.find(wanted, after=None, limit=100))
    collected: list[str] = []
    after: LabKey | None = None
    more = True
    while more:
        page = await stocked.find(wanted, after=after, limit=1)
        collected += names(page)
        after, more = page.views[-1].lab.key, page.more

    assert collected == whole


@pytest.mark.parametrize("namespace", ["class-", "class-a", "class-b", "class-c"])
async def test_a_page_may_begin_after_a_lab_that_is_not_there(
    stocked: ReadModel, namespace: str
) -> None:
    after = LabKey(namespace, "a2")
    beyond = [name for name in ALL if name > str(after)]

    assert names(await stocked.find(EVERYTHING, after=after, limit=9)) == beyond
    inside = await stocked.find(CLASS_A, after=after, limit=9)
    assert names(inside) == [name for name in beyond if name.startswith("class-a/")]


async def test_due_labs_come_longest_overdue_first(stocked: ReadModel) -> None:
    everybody = (await stocked.find(EVERYTHING, after=None, limit=9)).views
    timed = [(due_at(view.lab), str(view.lab.key)) for view in everybody]
    wanted = sorted((at, key) for at, key in timed if at is not None)
    assert [key for _, key in wanted] == [ALL[1], ALL[3], ALL[4], ALL[0]]
    last = wanted[-1][0]

    due = await stocked.due(last, limit=9)

    assert [str(view.lab.key) for view in due] == [key for _, key in wanted]
    assert [str(one.lab.key) for one in await stocked.due(last, limit=2)] == [ALL[1], ALL[3]]
    just_before = last - timedelta(microseconds=1)
    assert ALL[0] not in [str(one.lab.key) for one in await stocked.due(just_before, limit=9)]
    assert list(await stocked.due(NOON, limit=9)) == []


async def test_owners_are_told_from_strangers(stocked: ReadModel) -> None:
    mine = "uid-of-class-a-a1"

    owned = await stocked.owned([mine, "a stranger's"])

    assert {uid: str(view.lab.key) for uid, view in owned.items()} == {mine: "class-a/a1"}
    assert dict(await stocked.owned([])) == {}


async def test_failed_labs_need_nobody_to_look_after_them(stocked: ReadModel) -> None:
    page = await stocked.unsettled(after=None, limit=2)
    rest = await stocked.unsettled(after=page.views[-1].lab.key, limit=9)

    assert (names(page), page.more) == (ALL[:2], True)
    assert (names(rest), rest.more, rest.position) == (ALL[3:], False, 10)


async def test_labs_are_counted_by_state(stocked: ReadModel) -> None:
    counted = await stocked.count_by_state()

    assert {state: number for state, number in counted.items() if number} == {
        LabState.PENDING: 3,
        LabState.READY: 1,
        LabState.FAILED: 1,
    }
