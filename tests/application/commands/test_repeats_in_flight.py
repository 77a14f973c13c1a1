"""A command whose sender repeats it while the first of the two is still under way."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from application.event_log.api_objects import stream_of
from application.ports.event_store import EventStore, RecordedEvent
from domain.api_object.commands import RemoveApiObject
from domain.api_object.events import ApiObjectDeclared
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.lab_instance.events import LabInstanceCreated
from domain.precondition import ANY
from infrastructure.memory.event_store import MemoryEventStore
from tests.application.arrangement import Arrangement, arranged, context
from tests.application.commands.test_api_objects import declare
from tests.domain.test_user_commands import abandon, create, delete

LEASE = ApiObjectKey(kind=ApiObjectKind.LEASE, namespace="default", name="leader")
Meanwhile = Callable[[], Awaitable[None]]


class SlowReader:
    """An event store in which something happens once between two readings."""

    def __init__(self, inner: EventStore) -> None:
        self._inner = inner
        self.meanwhile: Meanwhile | None = None
        self.append = inner.append
        self.read_all = inner.read_all
        self.read_back = inner.read_back
        self.subscribe_all = inner.subscribe_all
        self.head = inner.head
        self.is_lost = inner.is_lost

    async def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        """See EventStore."""
        reading = self._inner.read_stream(stream, from_version=from_version, backwards=backwards)
        seen = [recorded async for recorded in reading]
        if self.meanwhile is not None:
            happening, self.meanwhile = self.meanwhile, None
            await happening()
        for recorded in seen:
            yield recorded


def slow() -> tuple[Arrangement, SlowReader]:
    app = arranged()
    store = SlowReader(MemoryEventStore(app.clock))
    return replace(app, store=store), store


async def test_a_repeated_delete_spares_the_lab_that_another_made_of_that_name_meanwhile() -> None:
    app, store = slow()
    mine = context("mine", repeatable=True)
    await app.send(create)

    async def the_first_arrives_and_the_name_is_used_again() -> None:
        await app.mediator.send(delete, mine)
        await app.send(abandon)
        await app.send(replace(create, uid="of somebody else"))

    store.meanwhile = the_first_arrives_and_the_name_is_used_again
    await app.mediator.send(delete, mine)
    events = [recorded.event async for recorded in store.read_stream("labinstance-default/ann")]
    assert isinstance(events[-1], LabInstanceCreated)


async def test_a_repeated_create_answers_the_lab_that_its_first_made() -> None:
    app, store = slow()
    mine = context("mine", repeatable=True)
    await app.send(create)
    await app.send(abandon)
    first: list[object] = []

    async def the_first_arrives() -> None:
        first.append((await app.mediator.send(replace(create, uid="again"), mine)).view)

    store.meanwhile = the_first_arrives
    repeated = await app.mediator.send(replace(create, uid="once more"), mine)
    assert [repeated.view] == first


async def test_a_repeated_removal_spares_the_object_that_another_declared_meanwhile() -> None:
    app, store = slow()
    mine = context("mine", repeatable=True)
    remove = RemoveApiObject(key=LEASE, reason="user", precondition=ANY)
    await app.mediator.send(declare(LEASE), context("1"))

    async def the_first_arrives_and_the_name_is_used_again() -> None:
        await app.mediator.send(remove, mine)
        await app.mediator.send(replace(declare(LEASE), uid="another"), context("2"))

    store.meanwhile = the_first_arrives_and_the_name_is_used_again
    await app.mediator.send(remove, mine)
    events = [recorded.event async for recorded in store.read_stream(stream_of(LEASE))]
    assert isinstance(events[-1], ApiObjectDeclared)
