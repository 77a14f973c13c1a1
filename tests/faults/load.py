"""Clients that make, label and delete labs through every death of the service, and remember what
they were told; and what must be true of it afterwards."""

import asyncio
import os
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from infrastructure.codec.proof import Proof
from infrastructure.codec.stored_event import read_stored
from infrastructure.data_directory.claim import database_in
from infrastructure.sqlite.raw_log import open_raw_log
from tests.scenarios.processes import processes_of
from tests.scenarios.service import LABS, Service, eventually, manifest

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "0"))
"""How many times each fault comes; 0 for as many as a run of all tests has time for."""

_KEPT_OF = 6
_MERGE = {"Content-Type": "application/merge-patch+json"}


@dataclass(kw_only=True)
class Acknowledged:
    """What all clients were told. `uids`: of every lab by name; `labels`: the last label of those
    that were not deleted; `requests`: what was acknowledged for each lab, by correlation;
    `refusals`, `broken`: answers that were none, and connections that gave none."""

    uids: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    requests: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    refusals: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    slowest: float = 0.0

    @property
    def writes(self) -> int:
        """How many writes were acknowledged."""
        return sum(map(len, self.requests.values()))


@asynccontextmanager
async def load(
    service: Service, *, clients: int, pause: float = 0.02
) -> AsyncIterator[Acknowledged]:
    """So many clients at work until the block ends; then each finishes what it has begun. Of its
    labs each keeps some and deletes the others."""
    told, ended = Acknowledged(), asyncio.Event()
    async with service.client() as client:
        at_work = [
            asyncio.create_task(_Client(client, told, who, pause).work(ended))
            for who in range(clients)
        ]
        try:
            yield told
        finally:
            ended.set()
            await asyncio.gather(*at_work)


class _Client:
    def __init__(
        self, client: httpx.AsyncClient, told: Acknowledged, who: int, pause: float
    ) -> None:
        self._client, self._told, self._who, self._pause = client, told, who, pause

    async def work(self, ended: asyncio.Event) -> None:
        number = 0
        while not ended.is_set():
            name = f"lab-{self._who}-{number}"
            made = await self._insist(name, "POST", LABS, manifest(name))
            self._told.uids[name] = made["metadata"]["uid"]
            self._told.labels[name] = ""
            for step in ("1", "2"):
                change = {"metadata": {"labels": {"step": step}}}
                await self._insist(name, "PATCH", f"{LABS}/{name}", change)
                self._told.labels[name] = step
            if number % _KEPT_OF:
                await self._insist(name, "DELETE", f"{LABS}/{name}", None)
                del self._told.labels[name]
            number += 1

    async def _insist(self, name: str, method: str, path: str, body: Any) -> Any:
        """The answer, once there is one; what is repeated is repeated under its key."""
        key = str(uuid4())
        headers = {"Idempotency-Key": key, "X-Correlation-Id": key}
        headers |= _MERGE if method == "PATCH" else {}
        clock = asyncio.get_running_loop().time
        while True:
            begun = clock()
            with suppress(httpx.TransportError):
                answer = await self._client.request(method, path, json=body, headers=headers)
                self._told.slowest = max(self._told.slowest, clock() - begun)
                if answer.is_success:
                    self._told.requests[name].append(key)
                    await asyncio.sleep(self._pause)
                    return answer.json()
                assert answer.status_code == 503, answer.text
                self._told.refusals[answer.status_code] += 1
                await asyncio.sleep(0.1)
                continue
            self._told.broken += 1
            await asyncio.sleep(0.1)


def report(figures: str) -> None:
    """A line for whoever looks: `pytest -s` shows it."""
    sys.stdout.write(f"\n{figures}\n")


async def until_ready(service: Service) -> None:
    """Wait until it answers that it is, whichever life it is in."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}") as client:

        async def ready() -> bool:
            with suppress(httpx.TransportError):
                return (await client.get("/readyz")).status_code == 200
            return False

        await eventually(ready)


async def assert_all_is_there(service: Service, told: Acknowledged) -> None:
    """Every lab is listed as it was acknowledged last, and those that were deleted are gone."""

    async def settled() -> bool:
        async with service.client() as client:
            items = (await client.get(LABS, params={"limit": "10000"})).json()["items"]
        labels = {
            item["metadata"]["name"]: item["metadata"].get("labels", {}).get("step", "")
            for item in items
        }
        ready = all(item["status"]["state"] == "ready" for item in items)
        return ready and labels == told.labels

    await eventually(settled, within=180)


async def assert_log_holds_each_once(data_dir: Path, told: Acknowledged) -> int:
    """What was acknowledged is in the log once, for each lab in its order; the chain is whole.
    How many events the log has."""
    proof = Proof()
    asked: dict[str, list[str]] = defaultdict(list)
    with open_raw_log(database_in(data_dir)) as log:
        async for stored in log.read(after=0):
            proof.add(stored)
            metadata = read_stored(stored).metadata
            if metadata["actor"] == "admin":
                name = stored.stream.removeprefix("labinstance-default/")
                asked[name].append(metadata["$correlationId"])
    assert asked == told.requests
    return proof.events


async def power_cut(service: Service) -> None:
    """The service and its writer end in the middle of what they do."""
    writer = service.writer_pid
    os.kill(writer, signal.SIGSTOP)
    await service.kill()
    os.kill(writer, signal.SIGKILL)


def servers_of(uid: str) -> Sequence[int]:
    """The innermost processes of a lab: those without a child."""
    return [pid for pid in processes_of(uid) if _is_innermost(pid)]


def _is_innermost(pid: int) -> bool:
    with suppress(OSError):
        return not Path(f"/proc/{pid}/task/{pid}/children").read_text().strip()
    return False
