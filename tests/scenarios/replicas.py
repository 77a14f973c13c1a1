"""Several replicas as processes on one pair of stores, and what each of them has done."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.scenarios.service import LABS, Service, manifest

SHARDS = 12
LEASE = 15.0
DELAY = 0.5


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a simulated runtime, at the machine's monotonic clock."""

    uid: str
    at: float


class Replicas:
    """Services that share their stores; each has its own data directory."""

    def __init__(self, services: Sequence[Service]) -> None:
        self.services = list(services)

    async def start(self) -> None:
        """Start all at once."""
        await asyncio.gather(*(service.start() for service in self.services))

    async def kill(self, service: Service) -> None:
        """One is gone without a word."""
        await service.kill()
        self.services.remove(service)

    async def shards(self) -> Sequence[int]:
        """How many shards each holds."""
        return [int(await metric(service, "lab_shards_held")) for service in self.services]

    async def all_held(self) -> bool:
        """Whether every shard is held, and by one only."""
        return sum(await self.shards()) == SHARDS

    async def divided(self) -> bool:
        """Whether all have a fair part."""
        shards = await self.shards()
        return sum(shards) == SHARDS and max(shards) - min(shards) <= 1

    async def projecting(self) -> Sequence[Service]:
        """Those who write the views: one, unless it just died."""
        return [one for one in self.services if await metric(one, "lab_projecting")]

    async def stood_in_for(self) -> bool:
        """Whether somebody who lives writes the views."""
        return len(await self.projecting()) == 1


async def metric(service: Service, name: str) -> float:
    """The value of a metric without labels."""
    async with service.client() as client:
        text = (await client.get("/metrics")).text
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    assert found is not None, text
    return float(found[1])


def starts(service: Service) -> Sequence[Start]:
    """What the replica has brought up, as its own journal tells it."""
    lines = (service.data_dir / "simulated.jsonl").read_text().splitlines()
    told = [json.loads(line)["runtime"] for line in lines]
    return [Start(one["uid"], one["ready_at"] - DELAY) for one in told if one is not None]


async def create_many(services: Sequence[Service], count: int) -> None:
    """Ask for so many labs, through all of them by turns."""
    async with asyncio.TaskGroup() as tasks:
        for turn, service in enumerate(services):
            tasks.create_task(_create(service, range(turn, count, len(services))))


async def _create(service: Service, numbers: Sequence[int]) -> None:
    async with service.client() as client:
        for number in numbers:
            answer = await client.post(LABS, json=manifest(f"lab-{number}"))
            assert answer.status_code == 201, answer.text


async def ready(service: Service) -> int:
    """How many labs are ready, as this replica tells it."""
    async with service.client() as client:
        params = {"fieldSelector": "status.state=ready"}
        answer = await client.get(LABS, params=params)
    return len(answer.json().get("items", ()))


@asynccontextmanager
async def watching(client: httpx.AsyncClient, since: str) -> AsyncIterator[AsyncIterator[Any]]:
    """What a watch tells, line by line."""
    params = {"watch": "true", "resourceVersion": since}
    async with client.stream("GET", LABS, params=params) as answer:
        yield _events(answer)


async def _events(answer: httpx.Response) -> AsyncIterator[Any]:
    async for line in answer.aiter_lines():
        yield json.loads(line)
