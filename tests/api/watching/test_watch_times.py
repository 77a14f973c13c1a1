"""A watch ends when its time is up or its client has left, whatever it waits for."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import pytest
from starlette.types import Message

from api.errors.error_table import expired
from api.kubernetes.list_metadata import ListMetadata
from api.kubernetes.options import WatchOptions
from api.services import ApiLimits
from api.watching.watch import Seen, begin_watch
from api.watching.watch_response import Quiet, WatchResponse, WatchTimes
from application.mediator.questions import Latest, ResourceVersionTooLarge
from application.projections.watch_feed import Bookmark


class Wire:
    """What is sent to a client, who leaves when it is told to."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.left = asyncio.Event()

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)


def times(*, lifetime: float) -> WatchTimes:
    return WatchTimes(lifetime=lifetime, bookmark_interval=0.01, write_timeout=5)


async def nothing() -> AsyncIterator[bytes | Quiet]:
    await asyncio.Event().wait()
    yield b"never"


async def one_line_and_nothing() -> AsyncIterator[bytes | Quiet]:
    yield b"line\n"
    await asyncio.Event().wait()


async def quiet_and_nothing() -> AsyncIterator[bytes | Quiet]:
    yield b"line\n"
    yield Quiet(position=7)
    await asyncio.Event().wait()


def bookmark(position: int) -> bytes:
    return b"bookmark %d\n" % position


@pytest.mark.parametrize("lines", [nothing, one_line_and_nothing, quiet_and_nothing])
async def test_a_watch_ends_cleanly_in_time(
    lines: Callable[[], AsyncIterator[bytes | Quiet]],
) -> None:
    wire = Wire()
    async with asyncio.timeout(5):
        response = WatchResponse(lines(), times(lifetime=0.1), bookmark)
        await response({"type": "http"}, wire.receive, wire.send)
    assert [message.get("more_body") for message in wire.sent[1:]][-1] is False
    sent = b"".join(message["body"] for message in wire.sent[1:])
    assert sent.startswith(b"line\n") is (lines is not nothing)
    assert (b"bookmark 7\n" in sent) is (lines is quiet_and_nothing)


async def test_a_version_that_was_never_reached_is_gone_however_soon_the_watch_ends() -> None:
    wire = Wire()
    async with asyncio.timeout(5):
        response = WatchResponse(nothing(), times(lifetime=0.1), bookmark, lambda: expired(900, 3))
        await response({"type": "http"}, wire.receive, wire.send)
    [line] = [json.loads(message["body"]) for message in wire.sent[1:] if message["body"]]
    assert (line["type"], line["object"]["code"]) == ("ERROR", 410)


@pytest.mark.parametrize("lines", [nothing, one_line_and_nothing, quiet_and_nothing])
async def test_a_watch_ends_when_its_client_leaves(
    lines: Callable[[], AsyncIterator[bytes | Quiet]],
) -> None:
    wire = Wire()
    response = WatchResponse(lines(), times(lifetime=3600), bookmark)
    asyncio.get_running_loop().call_later(0.05, wire.left.set)
    async with asyncio.timeout(5):
        await response({"type": "http"}, wire.receive, wire.send)
    assert all(message["more_body"] for message in wire.sent[1:])


class Bare:
    """Texts as they are."""

    elements = "items"

    def one(self, item: str) -> str:
        return item

    def element(self, item: str) -> str:
        return item

    def frame(self, metadata: ListMetadata) -> ListMetadata:
        return metadata

    def watched(self, item: str) -> str:
        return item

    def bookmark(self, position: int, *, initial_events_end: bool) -> tuple[int, bool]:
        return position, initial_events_end


class Ahead:
    """A selection that has not come to the version that is asked for."""

    published = 5

    async def first(self, latest: Latest) -> tuple[int, AsyncIterator[str]]:
        await asyncio.Event().wait()
        raise AssertionError(latest)

    async def follow(self, after: int) -> AsyncGenerator[Seen[str] | Bookmark, None]:
        raise AssertionError(after)
        yield  # a generator, as the others


async def test_initial_events_of_a_version_of_the_future_are_waited_for_as_long_as_asked() -> None:
    options = WatchOptions(since=9, exactly=False, initial=True, bookmarks=True, timeout=1)
    async with asyncio.timeout(10):
        with pytest.raises(ResourceVersionTooLarge, match="9"):
            await begin_watch(Ahead(), options, Bare(), ApiLimits())
