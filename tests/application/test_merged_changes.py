"""What one command does is seen as one change, however many facts it recorded."""

from dataclasses import replace

import pytest

from application.event_log.merged_changes import merged
from application.ports.views import LabChange
from application.projections.watch_feed import Bookmark
from tests.application.arrangement import Arrangement, arranged
from tests.contracts.given import change as changed
from tests.domain.scenario import SPEC, created
from tests.domain.test_user_commands import change, create, deleted

TWICE = replace(change, spec=replace(SPEC, duration="90m"), labels={"course": "go"})


@pytest.mark.parametrize("capacity", [1, 1000])
async def test_a_watch_tells_one_change_for_each_command(capacity: int) -> None:
    app = arranged(capacity=capacity)
    async with app.projecting():
        await app.send(create)
        await app.send(TWICE)
        await app.send(replace(TWICE, labels={}))
        seen = await _all(app)
    assert [each.position for each in seen] == [1, 3, 4]
    before, after = seen[1].before, seen[1].after
    assert before is not None
    assert after is not None
    assert (before.resource_version, after.resource_version) == (1, 3)
    assert (after.lab.labels, after.lab.spec.duration) == ({"course": "go"}, "90m")


def test_changes_without_a_command_stay_apart() -> None:
    changes = [changed(created, position=1), changed(created, position=2)]
    assert list(merged(changes)) == changes


def test_a_lab_made_anew_is_not_part_of_the_one_before() -> None:
    of_one = [
        replace(changed(created, deleted, position=2), command="c"),
        replace(changed(created, position=3), command="c"),
    ]
    assert list(merged(of_one)) == of_one


async def _all(app: Arrangement) -> list[LabChange]:
    assert await app.feed.published.reached(app.written.position, within=1)
    seen: list[LabChange] = []
    async for told in app.feed.changes(after=0):
        if isinstance(told, Bookmark):
            break
        seen.append(told)
    return seen
