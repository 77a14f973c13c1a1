"""Labs as they were: what may be asked, how it is told, and that nobody works for nobody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from api.errors.boundary import Answering
from api.http.refusals import Stopping
from api.services import ApiLimits
from application.ports.event_store import RecordedEvent
from infrastructure.memory.event_store import MemoryEventStore
from tests.api.arrangement import LABS, SECRET, Api, serving
from tests.application.arrangement import SettableClock, arranged
from tests.fakes.event_store import TroubledEventStore

TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
"""As kubectl asks for what it prints."""


async def refused(api: Api, path: str) -> tuple[int, str]:
    answer = await api.client.get(path)
    return answer.status_code, answer.json()["message"]


async def test_a_watch_of_the_past_is_refused(api: Api) -> None:
    code, message = await refused(api, f"{LABS}?watch=1&asOf=2026-01-01T00:00:00Z")
    assert code == 422
    assert "asOf is forbidden for watch" in message


@pytest.mark.parametrize("name", ["asof", "as_of", "AsOf", "as-of"])
@pytest.mark.parametrize("path", [LABS, f"{LABS}/a", f"{LABS}?watch=1&"])
async def test_a_mistyped_moment_is_refused_by_name(three: Api, name: str, path: str) -> None:
    separator = "" if path.endswith("&") else "?"
    code, message = await refused(three, f"{path}{separator}{name}=2026-01-01T00:00:00Z")
    assert code == 400
    assert f'"{name}"' in message
    assert "asOf" in message.replace(f'"{name}"', "")


async def test_a_plus_that_was_read_as_a_space_is_explained(api: Api) -> None:
    code, message = await refused(api, f"{LABS}?asOf=2026-01-31T12:00:00+02:00")
    assert code == 400
    assert "2026-01-31T12:00:00 02:00" in message
    assert "%2B" in message


@pytest.mark.parametrize("name", ["actr", "asOf", "resourceVersion"])
async def test_a_history_refuses_what_it_cannot_select_by(three: Api, name: str) -> None:
    code, message = await refused(three, f"{LABS}/a/history?{name}=x")
    assert code == 400
    assert f'"{name}"' in message
    assert "limit, continue" in message


async def test_ages_in_a_table_of_the_past_are_those_of_then(api: Api) -> None:
    made = await api.create("lab1")
    moment = api.inner.clock.now() + timedelta(minutes=3)
    api.inner.clock.pass_(400 * 86400)
    exactly = {"resourceVersion": made["metadata"]["resourceVersion"]}
    asked = ({"asOf": moment.isoformat()}, exactly | {"resourceVersionMatch": "Exact"})
    for path, query in product((LABS, f"{LABS}/lab1"), asked):
        table = (await api.client.get(path, params=query, headers=TABLE)).json()
        names = [column["name"] for column in table["columnDefinitions"]]
        assert dict(zip(names, table["rows"][0]["cells"], strict=True))["Age"] in ("3m", "0s")


class WatchedReadings(TroubledEventStore):
    """Counts the events that are read of the whole log; streams are `held` until they may go
    on."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.read = 0
        self.begun = asyncio.Event()
        self.left = asyncio.Event()
        self.held: asyncio.Event | None = None

    async def read_all(self, *, after: int) -> AsyncIterator[RecordedEvent]:
        async for recorded in super().read_all(after=after):
            self.read += 1
            yield recorded

    async def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        self.begun.set()
        try:
            if self.held is not None:
                await self.held.wait()
            reading = super().read_stream(stream, from_version=from_version, backwards=backwards)
            async for recorded in reading:
                yield recorded
        finally:
            self.left.set()


def watched() -> WatchedReadings:
    return WatchedReadings(MemoryEventStore(SettableClock()))


async def test_a_list_of_the_past_does_not_read_the_whole_log() -> None:
    store = watched()
    async with serving(ApiLimits(chunk=2), arranged(store)) as api:
        for number in range(7):
            await api.create(f"lab{number}")
        version = str(await api.head())
        await api.settled()  # the projector has begun by now, and reads the log too
        store.read = 0
        query = {"resourceVersion": version, "resourceVersionMatch": "Exact"}
        whole = (await api.client.get(LABS, params=query)).json()["items"]
        paged: list[Any] = []
        document = (await api.client.get(LABS, params={**query, "limit": "3"})).json()
        paged += document["items"]
        while token := document["metadata"].get("continue"):
            answer = await api.client.get(LABS, params={"limit": "3", "continue": token})
            document = answer.json()
            paged += document["items"]
    assert len(whole) == 7
    assert paged == whole
    assert store.read == 0


async def test_a_list_of_the_past_ends_with_its_client() -> None:
    store = watched()
    async with serving(inner=arranged(store)) as api:
        await api.create("lab1")
        await api.settled()
        gone = asyncio.Event()
        sent: list[Any] = []

        async def receive() -> Any:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        store.begun.clear()
        store.left.clear()
        store.held = asyncio.Event()
        asked = asyncio.ensure_future(api.app(past_list(), receive, send))
        await store.begun.wait()
        gone.set()
        async with asyncio.timeout(2):
            await asked
            await store.left.wait()
    assert not sent


async def test_a_list_of_the_past_is_refused_when_the_server_stops() -> None:
    store = watched()
    async with serving(inner=arranged(store)) as api:
        await api.create("lab1")
        await api.settled()
        sent: list[Any] = []

        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        store.begun.clear()
        store.held = asyncio.Event()
        asked = asyncio.ensure_future(api.app(past_list(), receive, send))
        await store.begun.wait()
        asked.cancel()
        async with asyncio.timeout(2):
            await asked
    assert sent[0]["status"] == 503
    assert b"stopping" in sent[1]["body"]


async def test_an_answer_that_has_begun_is_cut_short_when_the_server_stops() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        await asyncio.Event().wait()

    answering = Answering(send)
    await answering({"type": "http.response.start", "status": 200, "headers": []})
    await answering.fail(Stopping(), past_list(), receive)
    assert len(sent) == 1


def past_list() -> Any:
    """The request, as a server hands it over."""
    return {
        "type": "http",
        "method": "GET",
        "path": LABS,
        "raw_path": LABS.encode(),
        "query_string": b"asOf=2030-01-01T00:00:00Z",
        "headers": [(b"authorization", f"Bearer {SECRET}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
        "asgi": {"version": "3.0"},
    }
