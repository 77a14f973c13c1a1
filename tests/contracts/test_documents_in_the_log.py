"""Every event store holds what happened to objects among what happened to labs."""

from contextlib import aclosing

from application.event_log.api_objects import key_of, stream_of
from application.ports.event_store import EMPTY, CaughtUp, EventStore, NewEvent
from domain.api_object.events import ApiObjectDeclared, RemovalRequested
from domain.api_object.key import ApiObjectKey, ApiObjectKind, namespace_key
from tests.contracts.given import NOON, everything, new, numbered, tip_after

LEASE = ApiObjectKey(kind=ApiObjectKind.LEASE, namespace="class-a", name="lead.er-1")
COURSE = namespace_key("class-a")


def declared(key: ApiObjectKey) -> NewEvent:
    event = ApiObjectDeclared(
        key=key,
        uid="1",
        labels={},
        annotations={},
        finalizers=(),
        content={"spec": '{"holderIdentity":"ann"}'},
        managers=(),
        at=NOON,
    )
    return NewEvent(id=numbered(7).id, event=event, metadata={"actor": "tester"})


async def test_documents_and_labs_are_in_one_order(event_store: EventStore) -> None:
    first = await event_store.append(stream_of(COURSE), [declared(COURSE)], expected=EMPTY)
    await event_store.append("labinstance-class-a/ann", [new()], expected=EMPTY)
    going = NewEvent(id=numbered(8).id, event=RemovalRequested(at=NOON), metadata={})
    await event_store.append(stream_of(COURSE), [going], expected=tip_after(first))

    log = await everything(event_store)
    assert [type(recorded.event).__name__ for recorded in log] == [
        "ApiObjectDeclared",
        "RestartRequested",
        "RemovalRequested",
    ]
    assert log[0] == first[0]
    assert await event_store.head() == log[-1].position
    seen = []
    async with aclosing(event_store.subscribe_all(after=0)) as stream:  # type: ignore[type-var]
        async for item in stream:
            if isinstance(item, CaughtUp):
                break
            seen.append(item)
    assert seen == log


async def test_a_stream_says_which_document_it_is_about() -> None:
    for key in (LEASE, COURSE):
        assert key_of(stream_of(key)) == key
    assert stream_of(LEASE) == "lablease-class-a/lead.er-1"
    assert stream_of(COURSE) == "labnamespace-class-a"
