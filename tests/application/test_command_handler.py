"""Load, decide, append: what is promised to whoever sends a command."""

import asyncio
from dataclasses import replace

import pytest

from application.event_log.labs import LABS, stream_of
from application.event_log.loading import load
from domain.errors import (
    IllegalTransition,
    LabInstanceAlreadyExists,
    LabInstanceNotFound,
    PreconditionFailed,
)
from domain.lab_instance.status import LabState
from domain.precondition import Precondition
from tests.application.arrangement import Arrangement, arranged, context
from tests.domain.scenario import LAB
from tests.domain.test_user_commands import abandon, change, create, delete, extend


async def _versions(app: Arrangement) -> list[int]:
    return [recorded.version async for recorded in app.store.read_stream(stream_of(LAB))]


async def test_the_answer_is_the_lab_as_recorded() -> None:
    app = arranged()
    outcome = await app.send(create)
    assert outcome.changed
    assert outcome.view is not None
    assert outcome.view.lab.state is LabState.PENDING
    assert outcome.view.resource_version == outcome.position == await app.store.head()
    assert app.written.position == outcome.position


async def test_every_event_tells_who_asked_and_what_it_belongs_to() -> None:
    app = arranged()
    asked = context("one")
    await app.mediator.send(create, asked)
    (recorded,) = [event async for event in app.store.read_all(after=0)]
    assert recorded.metadata["actor"] == "admin"
    assert recorded.metadata["commandId"] == str(asked.command_id)
    assert recorded.metadata["$correlationId"] == "story-one"
    assert recorded.metadata["hash"]


async def test_a_taken_name_is_refused_and_nothing_is_written() -> None:
    app = arranged()
    await app.send(create)
    with pytest.raises(LabInstanceAlreadyExists):
        await app.send(replace(create, uid="another"))
    assert await _versions(app) == [1]


async def test_a_repeated_creation_answers_as_it_did_then() -> None:
    app = arranged()
    again = context("mine", repeatable=True)
    first = await app.mediator.send(create, again)
    await app.send(extend)
    repeated = await app.mediator.send(replace(create, uid="another"), again)
    assert (repeated.view, repeated.position) == (first.view, first.position)
    assert await _versions(app) == [1, 2]


async def test_a_repeated_extension_extends_once() -> None:
    app = arranged()
    await app.send(create)
    again = context("mine", repeatable=True)
    first = await app.mediator.send(extend, again)
    repeated = await app.mediator.send(extend, again)
    assert repeated.view == first.view
    assert await _versions(app) == [1, 2]


async def test_a_creation_repeated_after_the_lab_was_deleted_makes_no_second_lab() -> None:
    app = arranged()
    again = context("mine", repeatable=True)
    first = await app.mediator.send(create, again)
    await app.send(abandon)
    await app.send(replace(create, uid="another"))
    repeated = await app.mediator.send(replace(create, uid="third"), again)
    assert repeated.view == first.view
    assert await _versions(app) == [1, 2, 3]


async def test_a_name_used_again_is_loaded_from_its_last_incarnation() -> None:
    app = arranged()
    await app.send(create)
    await app.send(abandon)
    await app.send(replace(create, uid="another"))
    loaded = await load(LABS, app.store, LAB)
    assert loaded.view is not None
    assert loaded.view.lab.uid == "another"
    assert loaded.tip.version == 3


@pytest.mark.parametrize(
    "precondition",
    [
        Precondition(uid="another", resource_version=None),
        Precondition(uid=None, resource_version=9),
    ],
)
async def test_a_lab_other_than_the_caller_thinks_is_left_alone(
    precondition: Precondition,
) -> None:
    app = arranged()
    await app.send(create)
    for command in (delete, replace(change, labels={"a": "b"})):
        with pytest.raises(PreconditionFailed):
            await app.send(replace(command, precondition=precondition))
    assert await _versions(app) == [1]


async def test_of_two_writers_neither_is_lost() -> None:
    app = arranged()
    await app.send(create)
    await asyncio.gather(*(app.send(extend) for _ in range(2)))
    loaded = await load(LABS, app.store, LAB)
    assert loaded.view is not None
    assert loaded.view.lab.extension == 2 * extend.by


async def test_of_many_creations_at_once_exactly_one_wins() -> None:
    app = arranged()
    commands = [replace(create, uid=f"uid-{number}") for number in range(20)]
    results = await asyncio.gather(
        *(app.send(command) for command in commands), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, LabInstanceAlreadyExists)]
    assert len(refused) == 19
    assert await _versions(app) == [1]


async def test_a_lab_that_is_gone_is_not_found_whatever_the_caller_thinks_of_it() -> None:
    app = arranged()
    await app.send(create)
    await app.send(abandon)
    precondition = Precondition(uid="another", resource_version=None)
    with pytest.raises(LabInstanceNotFound):
        await app.send(replace(delete, precondition=precondition))


async def test_what_was_remembered_is_no_answer_when_another_process_has_changed_the_lab() -> None:
    ours = arranged()
    theirs = arranged(ours.store)
    theirs.sent = 100
    await ours.send(create)
    await theirs.send(abandon)
    await theirs.send(replace(create, uid="another"))
    outcome = await ours.send(extend)
    assert outcome.view is not None
    assert outcome.view.lab.uid == "another"
    await theirs.send(delete)
    with pytest.raises(IllegalTransition):
        await ours.send(extend)
    await theirs.send(abandon)
    with pytest.raises(LabInstanceNotFound):
        await ours.send(delete)


async def test_a_refusal_is_never_decided_on_what_was_remembered() -> None:
    ours = arranged()
    theirs = arranged(ours.store)
    theirs.sent = 100
    await ours.send(create)
    await ours.send(delete)
    await theirs.send(abandon)
    await theirs.send(replace(create, uid="another"))
    outcome = await ours.send(extend)
    assert outcome.view is not None
    assert outcome.view.lab.extension == extend.by
