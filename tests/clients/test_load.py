"""Many labs from one file, many watchers, and many changes: nothing is missed, nothing told
twice, and the order is kept. More of it: CLIENTS_LOAD_SECONDS=10."""

import asyncio
import json
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from tests.clients.kubectl import Followed, Kubectl, lab
from tests.clients.served import Served, kubectls, serving
from tests.clients.table import FIGURES
from tests.scenarios.service import LABS

LABS_AT_ONCE = 600
WATCHERS, KUBECTLS = 40, 8
EACH_SECOND, SECONDS = 100, int(os.environ.get("CLIENTS_LOAD_SECONDS", "3"))
PATCHES = EACH_SECOND * SECONDS
MERGE = {"Content-Type": "application/merge-patch+json"}
TOLD = "jsonpath={.type} {.object.metadata.resourceVersion} {.object.metadata.labels.n}{'\\n'}"

Change = tuple[int, str]
"""The resourceVersion of a change, and its number."""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service that brings labs up as fast as it can."""
    fast = {"LAB_SIMULATED_DELAY": "0s", "LAB_MAX_CONCURRENT_PROVISIONING": "64"}
    with serving(tmp_path_factory.mktemp("load"), **fast) as running:
        yield running


async def test_all_labs_of_a_large_file_come_up_and_their_watchers_see_every_change(
    crowd: Served, record_property: Callable[[str, object], None]
) -> None:
    kubectl = Kubectl("kubectl", kubectls()["kubectl"], crowd)
    begun = time.monotonic()
    declared = [lab(f"lab-{number:03}") for number in range(LABS_AT_ONCE)]
    told = await asyncio.to_thread(kubectl, "apply", "-f", "-", stdin=declared)
    assert told.count("created") == LABS_AT_ONCE
    applied = time.monotonic() - begun
    async with _client(crowd) as client, AsyncExitStack() as watches:
        version = await _all_ready(client)
        watching = [
            asyncio.create_task(_changes(client, version)) for _ in range(WATCHERS - KUBECTLS)
        ]
        names = ("get", "lab", "--watch-only", "--output-watch-events", "-o", TOLD)
        following = [watches.enter_context(kubectl.following(*names)) for _ in range(KUBECTLS)]
        await _all_begun(client, following)
        made, took = await _patched(client)
        seen = [await each for each in watching]
        for followed in following:
            seen.append(await asyncio.to_thread(_told_by, followed))
    assert [changes for changes in seen if changes != made] == []
    record_property(
        FIGURES,
        f"{LABS_AT_ONCE} labs applied in {applied:.1f} s; {PATCHES} patches, {PATCHES / took:.0f} "
        f"a second, seen by {len(seen)} watchers, {KUBECTLS} of them kubectl",
    )


async def _all_ready(client: httpx.AsyncClient) -> str:
    ready = {"fieldSelector": "status.state=ready"}
    while True:
        told = (await client.get(LABS, params=ready)).json()
        if len(told["items"]) == LABS_AT_ONCE:
            return str(told["metadata"]["resourceVersion"])
        await asyncio.sleep(0.2)


async def _all_begun(client: httpx.AsyncClient, following: Sequence[Followed]) -> None:
    """Mark a lab until every kubectl has told it: a watch alone says nothing when it begins."""
    number = 0
    while not all(followed.lines() for followed in following):
        number += 1
        await _patch(client, "lab-000", f"begin-{number}")
        await asyncio.sleep(0.2)


async def _patched(client: httpx.AsyncClient) -> tuple[Sequence[Change], float]:
    """A hundred patches a second; all of them, in the order of their versions."""
    begun = time.monotonic()
    sent = []
    for number in range(PATCHES):
        await asyncio.sleep(max(0.0, begun + number / EACH_SECOND - time.monotonic()))
        name = f"lab-{number * 7 % LABS_AT_ONCE:03}"
        sent.append(asyncio.create_task(_patch(client, name, str(number))))
    made = sorted([await each for each in sent])
    return made, time.monotonic() - begun


async def _patch(client: httpx.AsyncClient, name: str, number: str) -> Change:
    body = {"metadata": {"labels": {"n": number}}}
    answer = await client.patch(f"{LABS}/{name}", json=body, headers=MERGE)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["metadata"]["resourceVersion"]), number


async def _changes(client: httpx.AsyncClient, version: str) -> Sequence[Change]:
    """Every numbered change after the version, as a plain client is told of it."""
    seen: list[Change] = []
    params = {"watch": "1", "resourceVersion": version}
    async with client.stream("GET", LABS, params=params) as answer:
        async for line in answer.aiter_lines():
            event = json.loads(line)
            assert event["type"] == "MODIFIED", event
            metadata = event["object"]["metadata"]
            seen += _numbered(metadata["resourceVersion"], metadata["labels"]["n"])
            if len(seen) >= PATCHES:
                break
    return seen


def _told_by(followed: Followed) -> Sequence[Change]:
    lines = followed.until(lambda lines: len(_all_numbered(lines)) >= PATCHES)
    return _all_numbered(lines)


def _all_numbered(lines: Sequence[str]) -> Sequence[Change]:
    seen: list[Change] = []
    for line in lines:
        _, version, number = line.split()
        seen += _numbered(version, number)
    return seen


def _numbered(version: str, number: str) -> Sequence[Change]:
    return [] if number.startswith("begin") else [(int(version), number)]


@asynccontextmanager
async def _client(crowd: Served) -> AsyncIterator[httpx.AsyncClient]:
    authority = crowd.service.data_dir / "tls" / "authority.crt"
    async with httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{crowd.https_port}",
        headers={"Authorization": f"Bearer {crowd.service.token}"},
        limits=httpx.Limits(max_connections=None),
        timeout=60,
        verify=ssl.create_default_context(cafile=authority),
    ) as client:
        yield client
