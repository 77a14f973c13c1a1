"""What was different between two moments, told from the log between them or from both fleets."""

from dataclasses import replace

import pytest

from application.mediator.past_questions import GetDifferences, LabDifference
from application.mediator.questions import AtPosition
from application.ports.selectors import (
    EVERYTHING,
    FieldRequirement,
    LabField,
    ViewFilter,
)
from application.queries import differences
from domain.lab_instance.key import LabKey
from tests.application.arrangement import Arrangement, arranged
from tests.domain.test_user_commands import abandon, change, create


def key(name: str) -> LabKey:
    return LabKey("default", name)


async def story(app: Arrangement) -> tuple[int, int]:
    """Two moments, and what can happen between them."""
    for name in ("changed", "gone", "quiet", "renewed", "back"):
        await app.send(replace(create, lab=key(name), uid=name))
    earlier = await app.store.head()
    await app.send(replace(change, lab=key("changed"), labels={"team": "a"}))
    await app.send(replace(change, lab=key("back"), labels={"team": "a"}))
    await app.send(replace(change, lab=key("back"), labels=create.labels))
    await app.send(replace(abandon, lab=key("gone")))
    await app.send(replace(abandon, lab=key("renewed")))
    await app.send(replace(create, lab=key("renewed"), uid="anew"))
    await app.send(replace(create, lab=key("fresh"), uid="fresh"))
    await app.send(replace(create, lab=key("brief"), uid="brief"))
    await app.send(replace(abandon, lab=key("brief")))
    return earlier, await app.store.head()


async def told(
    app: Arrangement, earlier: int, later: int, wanted: ViewFilter = EVERYTHING, limit: int = 50
) -> list[str]:
    found: list[str] = []
    after: LabKey | None = None
    while True:
        question = GetDifferences(
            earlier=AtPosition(position=earlier),
            later=AtPosition(position=later),
            wanted=wanted,
            after=after,
            limit=limit,
        )
        page = await app.mediator.ask(question)
        found += map(in_a_word, page.differences)
        if not page.more:
            return found
        after = page.differences[-1].key


def in_a_word(one: LabDifference) -> str:
    sign = "+" if one.before is None else "-" if one.after is None else "~"
    return f"{sign}{one.key.name}"


ALL = ["~changed", "+fresh", "-gone", "-renewed", "+renewed"]


@pytest.fixture(params=["near", "far"])
def distance(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "far":
        monkeypatch.setattr(differences, "_READ_BETWEEN", 0)
        monkeypatch.setattr(differences, "_CHUNK", 2)


@pytest.mark.usefixtures("distance")
async def test_differences_are_what_came_went_and_changed() -> None:
    app = arranged()
    async with app.projecting():
        earlier, later = await story(app)
        assert await told(app, earlier, later) == ALL
        assert await told(app, earlier, later, limit=1) == ALL
        assert await told(app, later, later) == []
        backwards = ["~changed", "-fresh", "+gone", "-renewed", "+renewed"]
        assert await told(app, later, earlier) == backwards


@pytest.mark.usefixtures("distance")
async def test_differences_are_selected_by_what_a_lab_was_at_one_of_the_moments() -> None:
    app = arranged()
    async with app.projecting():
        earlier, later = await story(app)
        for name, expected in (("gone", ["-gone"]), ("none", [])):
            one = FieldRequirement(field=LabField.NAME, value=name, negated=False)
            assert await told(app, earlier, later, ViewFilter(fields=(one,))) == expected
        elsewhere = FieldRequirement(field=LabField.NAMESPACE, value="default", negated=True)
        assert await told(app, earlier, later, ViewFilter(fields=(elsewhere,))) == []
