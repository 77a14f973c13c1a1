"""Objects beside labs in one log: written, read, watched, and in nobody's way."""

from contextlib import aclosing
from dataclasses import replace

import pytest

from application.mediator.mediator import ApiObjectOutcome
from application.mediator.object_questions import ApiObjectList, GetApiObject, ListApiObjects
from application.mediator.questions import (
    AtPosition,
    AtTime,
    GetLabInstance,
    Latest,
    ListLabInstances,
    Moment,
)
from application.ports.selectors import EVERYTHING
from application.ports.views import ApiObjectChange, ApiObjectView
from application.projections.watch_feed import Bookmark
from domain.api_object.commands import (
    ApiObjectCommand,
    DeclareApiObject,
    RemoveApiObject,
    ReplaceApiObject,
)
from domain.api_object.errors import (
    ApiObjectAlreadyExists,
    ApiObjectNotFound,
    NamespaceTerminating,
)
from domain.api_object.key import ApiObjectKey, ApiObjectKind, namespace_key
from domain.errors import PreconditionFailed
from domain.lab_instance.key import LabKey
from domain.precondition import ANY, Precondition
from tests.application.arrangement import Arrangement, arranged, context
from tests.domain.scenario import LAB
from tests.domain.test_user_commands import create

NOW_OR_LATER = Latest(not_older_than=None)
COURSE = namespace_key("course")
LEASE = ApiObjectKey(kind=ApiObjectKind.LEASE, namespace="default", name="leader")


def declare(key: ApiObjectKey, content: str = "1") -> DeclareApiObject:
    return DeclareApiObject(
        key=key,
        uid=f"uid of {key}",
        labels={},
        annotations={},
        finalizers=(),
        content={"spec": content},
        managers=(),
    )


def rewrite(key: ApiObjectKey, content: str, *, version: int | None = None) -> ReplaceApiObject:
    return ReplaceApiObject(
        key=key,
        labels={},
        annotations={},
        finalizers=(),
        content={"spec": content},
        managers=(),
        precondition=Precondition(uid=None, resource_version=version),
    )


def remove(key: ApiObjectKey) -> RemoveApiObject:
    return RemoveApiObject(key=key, reason="user", precondition=ANY)


async def send(app: Arrangement, command: ApiObjectCommand, id_: str = "") -> ApiObjectOutcome:
    app.sent += 1
    repeatable = bool(id_)
    sent = context(id_ or f"api object {app.sent}", repeatable=repeatable)
    return await app.mediator.send(command, sent)


async def get(app: Arrangement, key: ApiObjectKey, moment: Moment = NOW_OR_LATER) -> ApiObjectView:
    return await app.mediator.ask(GetApiObject(key=key, moment=moment))


async def leases(app: Arrangement, moment: Moment = NOW_OR_LATER) -> ApiObjectList:
    question = ListApiObjects(kind=ApiObjectKind.LEASE, namespace=None, moment=moment)
    return await app.mediator.ask(question)


async def test_a_declared_api_object_is_read_at_once() -> None:
    app = arranged()
    async with app.projecting():
        outcome = await send(app, declare(LEASE))
        found = await get(app, LEASE)
    assert found == outcome.view
    assert found.resource_version == outcome.position == 1


async def test_api_objects_are_in_the_way_of_no_lab() -> None:
    app = arranged()
    async with app.projecting():
        await send(app, declare(COURSE))
        await app.send(create)
        await send(app, declare(LEASE))
        question = ListLabInstances(
            wanted=EVERYTHING, moment=AtPosition(position=3), after=None, limit=9
        )
        past = await app.mediator.ask(question)
        lab = await app.mediator.ask(GetLabInstance(key=LAB, moment=NOW_OR_LATER))
        now = await app.mediator.ask(replace(question, moment=NOW_OR_LATER))
        async with aclosing(app.feed.changes(after=0)) as changes:
            told = [await anext(changes), await anext(changes)]
    assert lab.resource_version == 2
    assert [view.lab.key for view in past.views] == [view.lab.key for view in now.views] == [LAB]
    assert (now.position, told[-1]) == (3, Bookmark(position=3))


async def test_a_watcher_sees_every_change_from_memory_and_from_the_log() -> None:
    remembering, forgetting = arranged(), arranged(capacity=1)
    for app in (remembering, forgetting):
        async with app.projecting():
            await send(app, declare(LEASE))
            await app.send(create)
            await send(app, rewrite(LEASE, "2"))
            await send(app, declare(COURSE))
            await send(app, remove(LEASE))
            await leases(app)
            seen: list[ApiObjectChange] = []
            async with aclosing(app.object_side.feed.changes(after=1)) as changes:
                async for change in changes:
                    if isinstance(change, Bookmark):
                        assert change.position == 5
                        break
                    seen.append(change)
        assert [(change.position, str(change.key)) for change in seen] == [
            (3, "lease default/leader"),
            (4, "namespace course"),
            (5, "lease default/leader"),
        ]
        assert seen[0].before is not None
        assert seen[0].before.api_object.content == {"spec": "1"}
        assert (seen[2].after, seen[2].deleted is None) == (None, False)


async def test_the_past_is_told_by_position_and_by_time() -> None:
    app = arranged()
    async with app.projecting():
        await send(app, declare(LEASE))
        before = app.clock.now()
        app.clock.pass_(60)
        await send(app, rewrite(LEASE, "2"))
        await send(app, remove(LEASE))
        assert (await get(app, LEASE, AtPosition(position=2))).api_object.content == {"spec": "2"}
        assert (await get(app, LEASE, AtTime(time=before))).api_object.content == {"spec": "1"}
        assert len((await leases(app, AtPosition(position=1))).views) == 1
        assert (await leases(app)).views == []
        with pytest.raises(ApiObjectNotFound):
            await get(app, LEASE)


async def test_a_stale_writer_is_refused_and_told_the_version() -> None:
    app = arranged()
    async with app.projecting():
        await send(app, declare(LEASE))
        await send(app, rewrite(LEASE, "2", version=1))
        with pytest.raises(PreconditionFailed, match="resourceVersion 2, not 1"):
            await send(app, rewrite(LEASE, "3", version=1))


async def test_a_repeated_command_is_recognised() -> None:
    app = arranged()
    async with app.projecting():
        first = await send(app, declare(LEASE), "once")
        again = await send(app, declare(LEASE), "once")
        with pytest.raises(ApiObjectAlreadyExists):
            await send(app, declare(LEASE))
    assert (again.view, again.changed) == (first.view, False)
    assert await app.store.head() == 1


async def test_a_namespace_that_nobody_declared_takes_nothing_in() -> None:
    app = arranged()
    elsewhere = replace(create, lab=LabKey("course", "ann"))
    async with app.projecting():
        with pytest.raises(ApiObjectNotFound, match="namespace course"):
            await app.send(elsewhere)
        with pytest.raises(ApiObjectNotFound, match="namespace course"):
            await send(app, declare(replace(LEASE, namespace="course")))
        await send(app, declare(COURSE))
        await app.send(elsewhere)
        await send(app, declare(replace(LEASE, namespace="course")))


async def test_a_namespace_that_goes_takes_nothing_new_in() -> None:
    app = arranged()
    elsewhere = replace(create, lab=LabKey("course", "ann"))
    async with app.projecting():
        await send(app, declare(COURSE))
        await app.send(elsewhere)
        await send(app, remove(COURSE))
        with pytest.raises(NamespaceTerminating):
            await app.send(replace(elsewhere, lab=LabKey("course", "bob")))
        with pytest.raises(NamespaceTerminating):
            await send(app, declare(replace(LEASE, namespace="course")))


async def test_a_creation_that_was_carried_out_is_not_refused_when_its_namespace_goes() -> None:
    app = arranged()
    elsewhere = replace(create, lab=LabKey("course", "ann"))
    again = replace(context("the same"), repeatable=True)
    async with app.projecting():
        await send(app, declare(COURSE))
        first = await app.mediator.send(elsewhere, again)
        await send(app, remove(COURSE))
        repeated = await app.mediator.send(elsewhere, again)
        with pytest.raises(NamespaceTerminating):
            await app.mediator.send(elsewhere, replace(context("another"), repeatable=True))
    assert (repeated.position, repeated.changed) == (first.position, False)


async def test_a_namespace_of_an_older_release_lives_while_it_holds_labs() -> None:
    app = arranged()
    old = replace(create, lab=LabKey("old", "ann"))
    async with app.projecting():
        await app.create_anywhere(old, context("before the upgrade"))
        outcome = await app.send(replace(old, lab=LabKey("old", "bob")))
    assert outcome.view is not None
    assert outcome.view.lab.key == LabKey("old", "bob")
