"""How long a question is asked, whatever the client does with it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from kurrentdbclient import AsyncKurrentDBClient
from kurrentdbclient.exceptions import AccessDeniedError, ServiceUnavailableError

from application.ports.event_store import EventStoreUnavailable
from infrastructure.kurrentdb.address import read_address
from infrastructure.kurrentdb.clients import Call, Clients, pause_before


@pytest.fixture
async def clients() -> AsyncIterator[Clients]:
    address = read_address("kurrentdb://127.0.0.1:1?Tls=false")
    opened = Clients(address, patience=0.5)
    yield opened
    await opened.close()


async def test_a_question_that_is_never_answered_is_given_up_in_time_and_left_to_end_by_itself(
    clients: Clients,
) -> None:
    late, ended = asyncio.Event(), asyncio.Event()

    async def never(_: AsyncKurrentDBClient, __: Call) -> None:
        await late.wait()
        ended.set()

    async with asyncio.timeout(10):
        with pytest.raises(EventStoreUnavailable, match=r"not answered within 0\.5 s"):
            await clients.ask(never)
        late.set()
        await ended.wait()


async def test_each_attempt_has_a_limit_of_its_own_so_that_there_can_be_another(
    clients: Clients,
) -> None:
    clients.patience = 10
    limits = []

    async def ask(_: AsyncKurrentDBClient, call: Call) -> str:
        limits.append(call["timeout"])
        if len(limits) < 3:
            raise ServiceUnavailableError
        return "the answer"

    assert await clients.ask(ask) == "the answer"
    assert limits == [5, 5, 5]


async def test_a_refusal_that_only_a_person_can_mend_is_not_retried(clients: Clients) -> None:
    asked = []

    async def ask(_: AsyncKurrentDBClient, __: Call) -> None:
        asked.append(1)
        raise AccessDeniedError

    with pytest.raises(EventStoreUnavailable, match="refuses the user"):
        await clients.ask(ask)
    assert len(asked) == 1


def test_pauses_between_attempts_grow_up_to_a_second() -> None:
    pauses = [pause_before(attempt) for attempt in range(1, 100)]

    assert pauses == sorted(pauses)
    assert pauses[0] <= 0.1 < pauses[1]
    assert pauses[-1] == 1.0
