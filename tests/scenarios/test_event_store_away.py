"""The event store goes away and comes back, under load: refused in time, nothing acknowledged
is lost, nothing is doubled, and nobody has to do anything about it."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from infrastructure.kurrentdb.raw_log import open_raw_log
from infrastructure.system_clock import SystemClock
from tests.kurrentdb_server.process import server_process
from tests.kurrentdb_server.server import KurrentDBServer, serving
from tests.scenarios.conftest import NewService
from tests.scenarios.outages import SECONDS, all_ready, is_ready
from tests.scenarios.persistent_clients import assert_views_tell_all, clients_at_work
from tests.scenarios.service import LABS, eventually, history, manifest, until_state
from tests.scenarios.whole_log import assert_log_is_whole

_CLIENTS = 6
_IMPATIENT = "&DefaultDeadline=1"


class Events:
    """An event store's server that can be away."""

    def __init__(self, file: Path, stack: ExitStack) -> None:
        self._file = file
        self._stack = stack
        self._server = stack.enter_context(server_process(file=file))
        self.uri = self._server.uri + _IMPATIENT

    def stop(self) -> None:
        self._server.kill()

    def start(self) -> None:
        again = server_process(port=self._server.port, file=self._file)
        self._server = self._stack.enter_context(again)

    def freeze(self) -> None:
        self._server.freeze()

    def thaw(self) -> None:
        self._server.thaw()


@pytest.fixture
def events(tmp_path: Path) -> Iterator[Events]:
    with ExitStack() as stack:
        yield Events(tmp_path / "events.sqlite", stack)


@pytest.mark.parametrize(("leave", "come_back"), [("stop", "start"), ("freeze", "thaw")])
async def test_an_event_store_that_is_away_under_load_costs_nothing_acknowledged(
    new_service: NewService, events: Events, mongodb_uri: str, leave: str, come_back: str
) -> None:
    service = new_service(
        LAB_EVENT_STORE=events.uri,
        LAB_READ_MODEL=mongodb_uri,
        LAB_MAX_CONCURRENT_PROVISIONING="50",
        LAB_LOG_LEVEL="warning",
    )
    await service.start()
    async with service.client() as client, clients_at_work(service, number=_CLIENTS) as told:
        await asyncio.sleep(0.5)
        getattr(events, leave)()
        before = len(told.acknowledged)
        await eventually(lambda: is_ready(client, False))
        await asyncio.sleep(SECONDS)
        assert told.refusals
        getattr(events, come_back)()

        async def creating_again() -> bool:
            return len(told.acknowledged) > before + _CLIENTS

        await eventually(creating_again)
        await eventually(lambda: is_ready(client, True))
    strange = [one for one in told.refusals if one.status_code != 503]
    assert [(one.request.method, one.url.path, one.text) for one in strange] == []
    assert {one.headers["Retry-After"] for one in told.refusals} == {"1"}
    assert told.slowest < 20
    async with service.client() as client:
        await eventually(lambda: all_ready(client, len(told.acknowledged)))
        await assert_views_tell_all(client, told)
    async with open_raw_log(events.uri, clock=SystemClock()) as log:
        await assert_log_is_whole(log, told)


async def test_a_lost_reply_repeated_under_its_key_yields_one_lab_and_the_first_answer(
    new_service: NewService,
) -> None:
    async with serving(KurrentDBServer(clock=SystemClock())) as server:
        service = new_service(LAB_EVENT_STORE=server.uri + _IMPATIENT)
        await service.start()
        key = {"Idempotency-Key": "the-first-lab"}
        async with service.client() as client:
            server.faults.lost_replies = 1_000
            unanswered = await client.post(LABS, json=manifest("ann"), headers=key)
            assert (unanswered.status_code, unanswered.headers["Retry-After"]) == (503, "1")
            server.faults.lost_replies = 0
            await until_state(client, "ann", "ready")
            again = await client.post(LABS, json=manifest("ann"), headers=key)
            once_more = await client.post(LABS, json=manifest("ann"), headers=key)
            assert (again.status_code, again.json()) == (201, once_more.json())
            told = await history(client, "ann")
            assert [entry["type"] for entry in told].count("lab-instance.created.v1") == 1
            first = again.json()
            assert first["metadata"]["uid"] == told[0]["uid"]
            assert first["metadata"]["resourceVersion"] == told[0]["position"]
            assert first["status"]["state"] == "pending"
            assert len((await client.get(LABS)).json()["items"]) == 1
            without = await client.post(LABS, json=manifest("ann"))
            assert without.json()["reason"] == "AlreadyExists"
