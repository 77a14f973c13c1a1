"""One lab's past: entered anywhere, in either order, filtered, with causes; and why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from application.mediator.history_questions import (
    GetHistory,
    GetReasons,
    HistoryFilter,
    HistoryPage,
)
from application.mediator.questions import AtPosition, Latest
from application.mediator.sender import CommandSender
from application.ports.event_store import EventStore, RecordedEvent
from domain.errors import LabInstanceNotFound
from domain.lab_instance.control_commands import MarkReady, StartProvisioning
from domain.lab_instance.key import LabKey
from tests.application.arrangement import Arrangement, arranged
from tests.domain.scenario import LAB, UID
from tests.domain.test_user_commands import abandon, change, create, delete
from tests.fakes.event_store import TroubledEventStore
from tests.fakes.randomness import SeededRandomness


def asked(*, newest_first: bool = False, beside: int = 0, limit: int = 10, **wanted: Any) -> Any:
    return GetHistory(
        key=LAB,
        wanted=HistoryFilter(**wanted),
        newest_first=newest_first,
        beside=beside,
        limit=limit,
    )


async def versions(app: Arrangement, **question: Any) -> list[int]:
    page: HistoryPage = await app.mediator.ask(asked(**question))
    return [one.recorded.version for one in page.happenings]


async def lived() -> Arrangement:
    """Created, changed, abandoned, and created again: four versions."""
    app = arranged()
    for command in (create, replace(change, labels={"team": "a"}), abandon):
        await app.send(command)
        app.clock.pass_(60)
    await app.send(replace(create, uid="another"))
    return app


async def long_life(changes: int) -> Arrangement:
    app = arranged()
    await app.send(create)
    for number in range(changes):
        await app.send(replace(change, labels={"turn": str(number)}))
    return app


async def test_history_tells_every_event_with_the_lab_before_and_after() -> None:
    app = await lived()
    page = await app.mediator.ask(asked())
    happenings = page.happenings
    assert [one.recorded.version for one in happenings] == [1, 2, 3, 4]
    assert happenings[1].before == happenings[0].after
    assert happenings[3].before is None
    assert page.rest is None


async def test_pages_go_on_in_either_order() -> None:
    app = await lived()
    first = await app.mediator.ask(asked(limit=3))
    assert first.rest == 3
    assert await versions(app, beside=3) == [4]
    newest = await app.mediator.ask(asked(limit=3, newest_first=True))
    assert [one.recorded.version for one in newest.happenings] == [4, 3, 2]
    assert await versions(app, newest_first=True, beside=newest.rest) == [1]


async def test_history_is_filtered_by_each_of_its_sides() -> None:
    app = await lived()
    since = app.clock.time - timedelta(seconds=60)
    assert await versions(app, uid="another") == [4]
    assert await versions(app, types=frozenset({"lab-instance.created.v1"})) == [1, 4]
    assert await versions(app, actor="nobody") == []
    assert await versions(app, since=since) == [3, 4]
    assert await versions(app, until=since, newest_first=True) == [2, 1]


async def test_filtered_pages_are_filled_and_go_on() -> None:
    app = await lived()
    created = frozenset({"lab-instance.created.v1"})
    page = await app.mediator.ask(asked(limit=1, types=created))
    assert (page.happenings[0].recorded.version, page.rest) == (1, 1)
    assert await versions(app, limit=1, types=created, beside=1) == [4]
    page = await app.mediator.ask(asked(limit=1, types=created, newest_first=True))
    assert (page.happenings[0].recorded.version, page.rest) == (4, 4)
    assert await versions(app, types=created, newest_first=True, beside=4) == [1]


async def test_a_name_that_never_was_has_no_history() -> None:
    app = arranged()
    for newest_first in (False, True):
        with pytest.raises(LabInstanceNotFound):
            await app.mediator.ask(asked(newest_first=newest_first))


class _Counting(TroubledEventStore):
    """Notes the version from which a stream is read."""

    def __init__(self, inner: EventStore) -> None:
        super().__init__(inner)
        self.entered: list[int | None] = []

    def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> Any:
        self.entered.append(from_version)
        return super().read_stream(stream, from_version=from_version, backwards=backwards)


async def test_the_end_of_a_long_history_is_not_folded_from_its_start() -> None:
    app = await long_life(330)
    whole = (await app.mediator.ask(asked(limit=400))).happenings
    async with app.projecting():
        assert await app.recorded.reached(await app.store.head(), within=5)
    store = _Counting(app.store)
    reader = Arrangement(app.clock, store, records=app.records)
    page = await reader.mediator.ask(asked(beside=325, limit=400))
    assert store.entered == [301]
    assert list(page.happenings) == list(whole[325:])


async def test_an_event_that_cannot_be_read_is_named_where_history_ends() -> None:
    app = await lived()
    store = TroubledEventStore(app.store)
    store.unreadable = {"labinstance-default/lab1"} | {f"labinstance-{LAB.namespace}/{LAB.name}"}
    reader = Arrangement(app.clock, store)
    page = await reader.mediator.ask(asked())
    assert list(page.happenings) == []
    assert page.undecodable is not None
    assert page.undecodable.position == 1


async def by_the_controller(app: Arrangement) -> Sequence[RecordedEvent]:
    """Started because it was created, ready because it was started."""
    sender = CommandSender(
        app.mediator, randomness=SeededRandomness(), actor="controller/x", replica=""
    )
    cause = [event async for event in app.store.read_all(after=0)][-1]
    start = StartProvisioning(lab=LAB, uid=UID, timeout=timedelta(minutes=1))
    await sender.send(start, cause=cause, story="")
    started = [event async for event in app.store.read_all(after=0)][-1]
    ready = MarkReady(lab=LAB, uid=UID, revision=1, endpoint="http://x", isolation="full")
    await sender.send(ready, cause=started, story="")
    return [event async for event in app.store.read_all(after=0)]


async def test_reasons_lead_from_the_state_to_the_person_who_began_it() -> None:
    app = arranged()
    await app.send(create)
    await by_the_controller(app)
    await app.send(replace(change, labels={"team": "b"}))
    reasons = await app.mediator.ask(GetReasons(key=LAB, moment=Latest(not_older_than=None)))
    assert reasons.view.lab.state.value == "ready"
    assert [one.recorded.version for one in reasons.chain] == [3, 2, 1]
    assert reasons.chain[-1].recorded.metadata["actor"] == "admin"
    assert not reasons.more


async def test_reasons_of_a_past_moment_and_of_a_lab_that_is_gone_are_known() -> None:
    app = arranged()
    await app.send(create)
    await by_the_controller(app)
    await app.send(delete)
    await app.send(abandon)
    past = await app.mediator.ask(GetReasons(key=LAB, moment=AtPosition(position=2)))
    assert past.view.lab.state.value == "provisioning"
    gone = await app.mediator.ask(GetReasons(key=LAB, moment=Latest(not_older_than=None)))
    assert gone.view.lab.state.value == "deleted"


async def test_a_name_that_never_was_has_no_reasons() -> None:
    app = arranged()
    never = GetReasons(key=LabKey("default", "never"), moment=Latest(not_older_than=None))
    with pytest.raises(LabInstanceNotFound):
        await app.mediator.ask(never)
