"""The keeper of namespaces: what must be there is, and what goes is emptied first."""

from dataclasses import replace

import pytest

from application.control.namespace_keeper import NamespaceKeeper
from application.mediator.object_questions import ListApiObjects
from application.mediator.questions import GetLabInstance, Latest
from application.ports.read_model import UnreadableView
from application.ports.views import ApiObjectView
from domain.api_object.commands import DeclareApiObject, RemoveApiObject
from domain.api_object.events import ApiObjectRemoved
from domain.api_object.key import ApiObjectKey, ApiObjectKind, namespace_key
from domain.errors import LabInstanceNotFound
from domain.lab_instance.control_commands import CompleteDeletion
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState
from domain.precondition import ANY
from infrastructure.memory.objects import MemoryApiObjects
from tests.application.arrangement import Arrangement, arranged, context
from tests.domain.test_user_commands import create
from tests.fakes.event_store import TroubledEventStore
from tests.fakes.randomness import SeededRandomness

ANN = LabKey("course", "ann")
COURSE = namespace_key("course")
NOW = Latest(not_older_than=None)


def keeper_of(app: Arrangement) -> NamespaceKeeper:
    return app.object_side.keeper(app.mediator, SeededRandomness(), interval=1.0)


async def declare(app: Arrangement, key: ApiObjectKey, *finalizers: str) -> None:
    command = DeclareApiObject(
        key=key,
        uid=f"uid of {key}",
        labels={},
        annotations={},
        finalizers=finalizers,
        content={},
        managers=(),
    )
    await app.mediator.send(command, context(f"declare {key}"))


async def remove(app: Arrangement, key: ApiObjectKey) -> None:
    command = RemoveApiObject(key=key, reason="user", precondition=ANY)
    await app.mediator.send(command, context(f"remove {key}"))


async def namespaces(app: Arrangement) -> list[str]:
    question = ListApiObjects(kind=ApiObjectKind.NAMESPACE, namespace=None, moment=NOW)
    return [view.api_object.key.name for view in (await app.mediator.ask(question)).views]


def inside(kind: ApiObjectKind, name: str = "one") -> ApiObjectKey:
    return ApiObjectKey(kind=kind, namespace="course", name=name)


async def test_the_default_namespace_is_declared_once() -> None:
    app = arranged()
    async with app.projecting():
        await keeper_of(app).make_pass()
        await keeper_of(app).make_pass()
        assert await namespaces(app) == ["default"]
    assert await app.store.head() == 1


class WithoutDefault(MemoryApiObjects):
    """Holds the namespace `default`, and cannot read it."""

    async def get(self, key: ApiObjectKey) -> ApiObjectView | None:
        if key == namespace_key("default"):
            raise UnreadableView(key)
        return await super().get(key)


async def test_a_namespace_that_cannot_be_read_keeps_no_other_from_being_declared() -> None:
    app = arranged()
    await app.create_anywhere(replace(create, lab=ANN), context("1"))
    async with app.projecting():
        keeper = keeper_of(app)
        keeper._api_objects = WithoutDefault()
        await keeper.make_pass()
        assert await namespaces(app) == ["course"]


async def test_namespaces_of_an_older_releases_labs_are_declared() -> None:
    app = arranged()
    for number, namespace in enumerate(["course", "course", "another"]):
        lab = LabKey(namespace, f"lab-{number}")
        await app.create_anywhere(replace(create, lab=lab), context(str(number)))
    async with app.projecting():
        await keeper_of(app).make_pass()
        assert await namespaces(app) == ["another", "course", "default"]


async def test_a_namespace_goes_after_its_last_lab_whose_absence_was_proved() -> None:
    app = arranged()
    keeper = keeper_of(app)
    async with app.projecting():
        await declare(app, COURSE)
        await app.send(replace(create, lab=ANN))
        await remove(app, COURSE)
        await keeper.make_pass()
        lab = (await app.mediator.ask(GetLabInstance(key=ANN, moment=NOW))).lab
        assert (lab.state, lab.message) == (
            LabState.DELETING,
            "being removed: namespace deleted",
        )
        await keeper_of(app).make_pass()  # as after a restart
        assert "course" in await namespaces(app)
        await app.send(CompleteDeletion(lab=ANN, uid=lab.uid, proof="nothing runs"))
        await keeper.make_pass()
        assert await namespaces(app) == ["default"]
        with pytest.raises(LabInstanceNotFound):
            await app.mediator.ask(GetLabInstance(key=ANN, moment=NOW))


async def test_objects_of_every_kind_go_with_their_namespace_unless_they_are_held() -> None:
    app = arranged()
    keeper = keeper_of(app)
    held = inside(ApiObjectKind.LEASE, "held")
    async with app.projecting():
        await declare(app, COURSE)
        for kind in set(ApiObjectKind) - {ApiObjectKind.NAMESPACE}:
            await declare(app, inside(kind))
        await declare(app, held, "a/b")
        await remove(app, COURSE)
        await keeper.make_pass()
        left = [key for key in await app.api_object_keys() if key.namespace == "course"]
        assert left == [held]
        assert "course" in await namespaces(app)


async def test_an_empty_namespace_goes_in_one_pass_and_can_be_declared_again() -> None:
    app = arranged()
    keeper = keeper_of(app)
    async with app.projecting():
        await declare(app, COURSE)
        await remove(app, COURSE)
        await keeper.make_pass()
        assert await namespaces(app) == ["default"]
        command = replace(create, lab=ANN)
        await app.mediator.send(
            DeclareApiObject(
                key=COURSE,
                uid="2",
                labels={},
                annotations={},
                finalizers=(),
                content={},
                managers=(),
            ),
            context("declared again"),
        )
        await app.send(command)


async def test_events_are_removed_an_hour_after_their_last_change() -> None:
    app = arranged()
    keeper = keeper_of(app)
    old, young = inside(ApiObjectKind.EVENT, "old"), inside(ApiObjectKind.EVENT, "young")
    async with app.projecting():
        await declare(app, COURSE)
        await declare(app, old)
        app.clock.pass_(1800)
        await declare(app, young)
        app.clock.pass_(1800)
        await keeper.make_pass()
        await namespaces(app)
        events = [key for key in await app.api_object_keys() if key.kind is ApiObjectKind.EVENT]
    assert events == [young]
    log = [recorded.event async for recorded in app.store.read_all(after=0)]
    assert [event.reason for event in log if isinstance(event, ApiObjectRemoved)] == ["expired"]


async def test_an_outage_postpones_and_the_next_pass_makes_good() -> None:
    store = TroubledEventStore(arranged().store)
    app = arranged(store)
    keeper = keeper_of(app)
    async with app.projecting():
        store.outage = "gone"
        await keeper.make_pass()
        store.outage = ""
        await keeper.make_pass()
        assert await namespaces(app) == ["default"]
