"""Clients that go on until they are answered, and remember what they were told."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from tests.scenarios.service import LABS, Service, manifest

_MERGE = {"Content-Type": "application/merge-patch+json"}


@dataclass(kw_only=True)
class Told:
    """What the service said to all of them. `acknowledged`: each lab's last acknowledged
    label; `requests`: the requests for each lab that were acknowledged, in their order, by
    their correlation; `seconds`: how long each answer took; `refusals`: the answers that were
    none."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    requests: dict[str, list[str]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    refusals: list[httpx.Response] = field(default_factory=list)

    @property
    def slowest(self) -> float:
        return max(self.seconds)


@asynccontextmanager
async def clients_at_work(service: Service, *, number: int) -> AsyncIterator[Told]:
    """So many clients, each creating labs and labelling them one after another, until the
    block ends; then each finishes what it has begun. A request that is refused is repeated
    under its key."""
    told, ended = Told(), asyncio.Event()
    async with service.client() as client:
        workers = [asyncio.create_task(_work(client, who, told, ended)) for who in range(number)]
        try:
            yield told
        finally:
            ended.set()
            await asyncio.gather(*workers)


async def _work(client: httpx.AsyncClient, who: int, told: Told, ended: asyncio.Event) -> None:
    lab = 0
    while not ended.is_set():
        name = f"lab-{who}-{lab}"
        lab += 1
        made = await _insist(client, told, "POST", LABS, manifest(name))
        told.acknowledged[name], told.requests[name] = "", [made]
        for step in ("1", "2"):
            change = {"metadata": {"labels": {"step": step}}}
            changed = await _insist(client, told, "PATCH", f"{LABS}/{name}", change)
            told.acknowledged[name] = step
            told.requests[name].append(changed)


async def _insist(
    client: httpx.AsyncClient, told: Told, method: str, path: str, body: dict[str, Any]
) -> str:
    """The correlation of the request, once it is acknowledged."""
    key = str(uuid4())
    headers = {"Idempotency-Key": key, "X-Correlation-Id": key}
    headers |= _MERGE if method == "PATCH" else {}
    while True:
        begun = time.monotonic()
        answer = await client.request(method, path, json=body, headers=headers)
        told.seconds.append(time.monotonic() - begun)
        if answer.is_success:
            await asyncio.sleep(0.02)
            return key
        told.refusals.append(answer)
        await asyncio.sleep(0.1)


async def assert_views_tell_all(client: httpx.AsyncClient, told: Told) -> None:
    """Every lab is listed as it was acknowledged last."""
    listed = (await client.get(LABS, params={"limit": "10000"})).json()["items"]
    labels = {lab["metadata"]["name"]: lab["metadata"].get("labels", {}) for lab in listed}
    assert {name: labels[name].get("step", "") for name in told.acknowledged} == (
        told.acknowledged
    )
