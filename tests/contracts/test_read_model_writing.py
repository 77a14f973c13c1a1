"""What every read model promises to the projector that writes it."""

import pytest

from application.ports.read_model import ForeignReadModel, Page, ReadModel
from application.ports.selectors import EVERYTHING, LabelRequirement, Operator, ViewFilter
from domain.lab_instance.key import LabKey
from tests.contracts.given import GOING, GONE, READY, STARTED, change, created, view_of


def names(page: Page) -> list[str]:
    return [str(view.lab.key) for view in page.views]


def label(key: str, operator: Operator, *values: str) -> ViewFilter:
    return ViewFilter(labels=(LabelRequirement(key=key, operator=operator, values=values),))


GOLD = label("tier", Operator.IN, "gold")


async def test_a_deleted_lab_has_no_view_and_no_labels(stocked: ReadModel) -> None:
    history = created("a1", labels={"tier": "gold"}), STARTED, READY, GOING, GONE

    await stocked.apply([change(*history, position=12)], position=12)

    assert await stocked.get(LabKey("class-a", "a1")) is None
    assert names(await stocked.find(GOLD, after=None, limit=9)) == ["class-a/a3"]
    assert await stocked.owned(["uid-of-class-a-a1"]) == {}


async def test_changed_labels_replace_the_former_ones(stocked: ReadModel) -> None:
    again = created("a1", labels={"tier": "iron"})

    await stocked.apply([change(again, position=11)], position=11)

    assert names(await stocked.find(GOLD, after=None, limit=9)) == ["class-a/a3"]
    iron = label("tier", Operator.IN, "iron")
    assert names(await stocked.find(iron, after=None, limit=9)) == ["class-a/a1", "class-a/a2"]
    course = label("course", Operator.EXISTS)
    assert names(await stocked.find(course, after=None, limit=9)) == ["class-b/b1"]


async def test_the_last_change_in_a_batch_counts(read_model: ReadModel) -> None:
    lab = created("lab")
    changes = [change(lab, position=1), change(lab, STARTED, position=2)]

    await read_model.apply([*changes, change(lab, STARTED, READY, position=3)], position=3)

    assert await read_model.get(LabKey("class-a", "lab")) == view_of(
        lab, STARTED, READY, position=3, before=None
    )


async def test_an_older_change_never_wins(read_model: ReadModel) -> None:
    lab = created("lab")
    ready = change(lab, STARTED, READY, position=3)
    await read_model.apply([ready], position=1)

    await read_model.apply([change(lab, STARTED, position=2)], position=2)

    assert await read_model.get(LabKey("class-a", "lab")) == ready.after
    assert await read_model.position() == 2


async def test_the_newest_change_in_a_batch_counts_wherever_it_stands(
    read_model: ReadModel,
) -> None:
    lab = created("lab")
    death, birth = change(lab, GOING, GONE, position=3), change(lab, position=1)

    await read_model.apply([death, birth], position=3)

    assert await read_model.get(LabKey("class-a", "lab")) is None


async def test_repeating_old_changes_does_not_bring_back_a_deleted_lab(
    read_model: ReadModel,
) -> None:
    lab = created("lab")
    birth, death = change(lab, position=1), change(lab, GOING, GONE, position=3)
    await read_model.apply([birth, death], position=3)

    await read_model.apply([birth], position=1)

    assert await read_model.get(LabKey("class-a", "lab")) is None
    assert await read_model.position() == 3


async def test_a_name_can_be_used_again(read_model: ReadModel) -> None:
    first, second = created("lab", uid="first"), created("lab", uid="second")
    await read_model.apply([change(first, GOING, GONE, position=3)], position=3)

    await read_model.apply([change(second, position=4)], position=4)

    assert list(await read_model.owned(["first", "second"])) == ["second"]


async def test_the_checkpoint_moves_without_changes_and_never_back(
    read_model: ReadModel,
) -> None:
    await read_model.apply([], position=7)
    await read_model.apply([], position=5)

    assert await read_model.position() == 7


async def test_clearing_forgets_views_and_checkpoint(stocked: ReadModel) -> None:
    await stocked.clear()

    assert await stocked.count(EVERYTHING) == 0
    assert await stocked.count(GOLD) == 0
    assert await stocked.position() == 0
    await stocked.apply([change(created("a1"), position=1)], position=1)
    assert await stocked.count(EVERYTHING) == 1


async def test_repeating_a_batch_whose_checkpoint_was_not_written_changes_nothing(
    read_model: ReadModel,
) -> None:
    lab, other = created("lab"), created("other")
    batch = [change(lab, STARTED, position=2), change(other, GOING, GONE, position=3)]
    await read_model.apply(batch, position=0)

    await read_model.apply(batch, position=3)

    assert await read_model.get(LabKey("class-a", "lab")) == batch[0].after
    assert await read_model.count(EVERYTHING) == 1
    assert await read_model.position() == 3


async def test_views_of_one_log_are_not_taken_for_those_of_another(
    read_model: ReadModel,
) -> None:
    await read_model.claim("first-event at 1")
    await read_model.apply([change(created("lab"), position=1)], position=1)
    await read_model.claim("first-event at 1")

    with pytest.raises(ForeignReadModel):
        await read_model.claim("another-event at 1")

    await read_model.claim("first-event at 1")
    assert (await read_model.position(), await read_model.count(EVERYTHING)) == (1, 1)


async def test_a_log_that_was_known_by_its_first_event_alone_is_known_again(
    read_model: ReadModel,
) -> None:
    await read_model.claim("first-event")
    await read_model.claim("first-event at 1")

    with pytest.raises(ForeignReadModel):
        await read_model.claim("first-event at 2, of a copy")


async def test_cleared_views_belong_to_no_log(read_model: ReadModel) -> None:
    await read_model.claim("first-event at 1")
    await read_model.clear()

    await read_model.claim("another-event at 1")

    with pytest.raises(ForeignReadModel):
        await read_model.claim("first-event at 1")
