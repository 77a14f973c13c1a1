"""Steady, mixed load at a bounded rate: each errand is begun so often and never twice at once."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count
from random import Random
from typing import Any

import httpx

from benchmarks.soak.answers import Answers
from benchmarks.soak.informer import Informer, is_ready
from tests.faults.load import servers_of
from tests.scenarios.processes import kill_tree
from tests.scenarios.service import LABS, manifest

PATIENCE = 120.0
"""The seconds after which a lab that did not get where it should counts as a fault."""

_KEPT = 10
_MOST = 30
_MERGE = {"Content-Type": "application/merge-patch+json"}


class Traffic:
    """Clients of one service. `short` is how long the labs live whose time runs out."""

    def __init__(
        self, client: httpx.AsyncClient, answers: Answers, chance: Random, *, short: float
    ) -> None:
        self._client, self._answers, self._chance, self._short = client, answers, chance, short
        self._informer = Informer(client)
        self._clock = asyncio.get_running_loop().time
        self._begun = self._clock()
        self._numbers = count()
        self._kept: dict[str, str] = {}
        self._harmed: set[str] = set()
        self._under_way: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()

    @property
    def now(self) -> float:
        """The seconds since it began."""
        return self._clock() - self._begun

    @property
    def _standing(self) -> Sequence[str]:
        return [name for name in self._kept if self._informer.shows_ready(name)]

    @property
    def _errands(self) -> Mapping[Callable[[], Awaitable[None]], float]:
        """Each with the seconds from one beginning to the next."""
        return {
            self._create: 2.0,
            self._delete: 1.5,
            self._patch: 0.25,
            self._get: 0.25,
            self._list: 1.0,
            self._list_the_past: 2.0,
            self._read_history: 1.0,
            self._open: 4.0,
            self._watch_to_its_end: 7.0,
            self._watch_and_leave: 3.0,
            self._kill: 15.0,
        }

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """All errands until the block ends, and each to its end; then all labs are deleted, and
        have to go."""
        follower = asyncio.create_task(self._informer.follow())
        errands = [asyncio.create_task(self._repeat(*each)) for each in self._errands.items()]
        try:
            yield
            self._ended.set()
            await asyncio.gather(*errands)
            await asyncio.gather(*self._under_way)
            await asyncio.gather(*(self._remove(name) for name in list(self._kept)))
        finally:
            await _cancelled([follower, *errands, *self._under_way])

    async def _repeat(self, errand: Callable[[], Awaitable[None]], every: float) -> None:
        due = self._clock()
        while not self._ended.is_set():
            try:
                await errand()
            except httpx.TransportError as error:
                self._answers.faults[f"{errand.__name__}: {type(error).__name__}"] += 1
            due = max(due + every, self._clock())
            await self._rest(due - self._clock())

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)

    async def _create(self) -> None:
        if len(self._kept) + len(self._under_way) >= _MOST:  # it is behind: more would pile up
            return
        number = next(self._numbers)
        name, expires = f"soak-{number}", number % 3 == 1
        duration = f"{self._short:.0f}s" if expires else "60m"
        begun = self.now
        answer = await self._ask("create", "POST", LABS, json=manifest(name, duration=duration))
        if answer.is_success:
            self._begin(self._live(name, answer.json()["metadata"]["uid"], begun, expires))

    async def _live(self, name: str, uid: str, begun: float, expires: bool) -> None:
        """From its creation until it is ready, and its end where that comes by itself."""
        if not await self._until("ready", name, is_ready, begun) or not expires:
            self._kept[name] = uid  # to be deleted, whatever became of it
            return
        await asyncio.sleep(self._short)
        await self._until("expire", name, _is_gone, self.now)

    async def _delete(self) -> None:
        spare = [name for name in self._kept if name not in self._harmed]
        if len(self._kept) > _KEPT and spare:
            self._begin(self._remove(spare[0]))

    async def _remove(self, name: str) -> None:
        del self._kept[name]
        begun = self.now
        await self._ask("delete", "DELETE", f"{LABS}/{name}")
        await self._until("removed", name, _is_gone, begun)

    async def _patch(self) -> None:
        change = {"metadata": {"labels": {"step": str(self._chance.randrange(1000))}}}
        await self._ask_of_one("patch", "PATCH", json=change, headers=_MERGE)

    async def _get(self) -> None:
        await self._ask_of_one("get", "GET")

    async def _list(self) -> None:
        await self._ask("list", "GET", LABS, params={"limit": "50"})

    async def _list_the_past(self) -> None:
        listed = await self._ask("list", "GET", LABS, params={"limit": "1"})
        version = listed.json()["metadata"]["resourceVersion"]
        past = {"resourceVersion": version, "resourceVersionMatch": "Exact"}
        await self._ask("list exact", "GET", LABS, params=past)

    async def _read_history(self) -> None:
        await self._ask_of_one("history", "GET", "/history")

    async def _open(self) -> None:
        await self._ask_of_one("access", "POST", "/access")

    async def _watch_to_its_end(self) -> None:
        await self._watch(seconds=5)

    async def _watch_and_leave(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._chance.uniform(0.2, 2)):
                await self._watch(seconds=30)

    async def _watch(self, *, seconds: int) -> None:
        asked = {
            "watch": "true",
            "sendInitialEvents": "true",
            "resourceVersionMatch": "NotOlderThan",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(seconds),
        }
        begun = self.now
        async with self._client.stream("GET", LABS, params=asked) as answer:
            self._judge("watch", answer, begun)
            async for line in answer.aiter_lines():
                json.loads(line)

    async def _kill(self) -> None:
        """The processes of one lab, from outside; it has to come back by itself."""
        while not self._standing and not self._ended.is_set():
            await self._rest(0.1)
        if not self._standing:
            return
        name = self._chance.choice(self._standing)
        self._harmed.add(name)
        try:
            begun, falls = self.now, self._informer.falls[name]
            for pid in await asyncio.to_thread(servers_of, self._kept[name]):
                kill_tree(pid)
            await self._until(
                "repaired",
                name,
                lambda lab: is_ready(lab) and self._informer.falls[name] > falls,
                begun,
            )
        finally:
            self._harmed.discard(name)

    async def _until(
        self, verb: str, name: str, holds: Callable[[Any], bool], begun: float
    ) -> bool:
        if await self._informer.until(name, holds, within=PATIENCE):
            self._answers.took(verb, self.now - begun, at=self.now)
            return True
        self._answers.faults[f"a lab was not {verb} within {PATIENCE:g} s"] += 1
        return False

    async def _ask_of_one(self, verb: str, method: str, below: str = "", **more: Any) -> None:
        settled = [name for name in self._kept if name not in self._harmed]
        if not settled:
            return
        name, begun = self._chance.choice(settled), self.now
        answer = await self._client.request(method, f"{LABS}/{name}{below}", **more)
        if name in self._kept or answer.is_success:  # else it was deleted meanwhile
            self._judge(verb, answer, begun)

    async def _ask(self, verb: str, method: str, path: str, **more: Any) -> httpx.Response:
        begun = self.now
        answer = await self._client.request(method, path, **more)
        self._judge(verb, answer, begun)
        return answer

    def _judge(self, verb: str, answer: httpx.Response, begun: float) -> None:
        self._answers.took(verb, self.now - begun, at=self.now)
        # A lab that is being repaired when it is to be opened says so.
        if not answer.is_success and (verb, answer.status_code) != ("access", 409):
            self._answers.faults[f"{verb}: {answer.status_code}"] += 1

    def _begin(self, life: Any) -> None:
        task = asyncio.create_task(life)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


def _is_gone(lab: Any) -> bool:
    return lab is None


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
