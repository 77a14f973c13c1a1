"""Several replicas on one pair of stores: any of them answers, each lab is one's to look after,
and whoever dies is stood in for."""

import asyncio
import os
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.kurrentdb_server.process import server_process
from tests.scenarios.conftest import NewService
from tests.scenarios.replicas import (
    DELAY,
    LEASE,
    SHARDS,
    Replicas,
    create_many,
    ready,
    starts,
    watching,
)
from tests.scenarios.service import LABS, Service, create, eventually, history, until_state

LAB_COUNT = int(os.environ.get("REPLICATED_LABS", "120"))


@pytest.fixture
def replicas(new_service: NewService, mongodb_uri: str, tmp_path: Path) -> Iterator[Any]:
    with server_process(file=tmp_path / "events.sqlite") as events:

        def make(count: int) -> Replicas:
            shared = {
                "LAB_EVENT_STORE": events.uri,
                "LAB_READ_MODEL": mongodb_uri,
                "LAB_SHARDS": str(SHARDS),
                "LAB_SIMULATED_DELAY": f"{DELAY}s",
            }
            return Replicas([new_service(f"data-{number}", **shared) for number in range(count)])

        yield make


async def test_any_replica_answers_and_watches_and_one_that_dies_is_stood_in_for(
    replicas: Any,
) -> None:
    house: Replicas = replicas(2)
    await house.start()
    [writer] = await house.projecting()
    [other] = [service for service in house.services if service is not writer]
    async with writer.client() as at_writer, other.client() as at_other:
        begun = (await at_other.get(LABS)).json()["metadata"]["resourceVersion"]
        for number, (here, there) in enumerate([(at_writer, at_other), (at_other, at_writer)]):
            made = await create(here, f"lab-{number}")
            version = made["metadata"]["resourceVersion"]
            seen = await there.get(f"{LABS}/lab-{number}", params={"resourceVersion": version})
            assert seen.json()["metadata"]["uid"] == made["metadata"]["uid"]
            async with watching(there, begun) as events:
                async for event in events:
                    if event["object"]["metadata"].get("uid") == made["metadata"]["uid"]:
                        break
            await until_state(there, f"lab-{number}", "ready")
        await _told_where_it_runs(at_writer, at_other)
        await house.kill(writer)
        await create(at_other, "later")
        await eventually(house.stood_in_for, within=LEASE)
        await until_state(at_other, "later", "ready", within=2 * LEASE)


async def _told_where_it_runs(*clients: httpx.AsyncClient) -> None:
    """Who cannot reach a lab says who can."""
    answers = [await client.post(f"{LABS}/lab-0/access") for client in clients]
    assert sorted(answer.status_code for answer in answers) == [200, 404]
    [elsewhere] = [answer.json() for answer in answers if answer.status_code == 404]
    assert "only that one reaches it" in elsewhere["message"]


async def test_labs_of_a_replica_that_is_killed_are_brought_up_by_the_others_and_none_twice(
    replicas: Any,
) -> None:
    house: Replicas = replicas(3)
    await house.start()
    await eventually(house.divided, within=LEASE)
    creating = asyncio.create_task(create_many(house.services[1:], LAB_COUNT))
    victim = house.services[0]

    async def in_the_middle() -> bool:
        return LAB_COUNT / 6 < len(starts(victim)) < LAB_COUNT

    await eventually(in_the_middle, within=120)
    killed_at = time.monotonic()
    await house.kill(victim)
    await eventually(house.all_held, within=2 * LEASE)
    await creating

    async def all_run() -> bool:
        here = {start.uid for service in house.services for start in starts(service)}
        return len(here) == LAB_COUNT and await ready(house.services[0]) == LAB_COUNT

    await eventually(all_run, within=240)
    _none_was_brought_up_by_two_at_once(house, victim, killed_at)
    await _each_was_one_replicas_at_a_time(house.services[0])


def _none_was_brought_up_by_two_at_once(
    house: Replicas, victim: Service, killed_at: float
) -> None:
    """Told by what each replica's provisioner has written down."""
    first, second = ({start.uid for start in starts(service)} for service in house.services)
    assert first & second == set()
    before = {start.uid for start in starts(victim)}
    again = [start for one in house.services for start in starts(one) if start.uid in before]
    assert len(again) >= len(before) > 0
    assert min(start.at for start in again) > killed_at


async def _each_was_one_replicas_at_a_time(service: Service) -> None:
    """Told by the recorded history: a lab changes hands once at most, and never back."""
    async with service.client() as client:
        for number in range(LAB_COUNT):
            told = await history(client, f"lab-{number}")
            agents = [one["userAgent"] for one in told if one["actor"] != "admin"]
            hands = [agent for agent, _ in groupby(agents)]
            assert 1 <= len(hands) == len(set(hands)) <= 2, hands
            assert all(agent.startswith("replica ") for agent in hands)
