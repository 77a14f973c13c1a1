"""What clients are told while a store is away: come back later; never that nothing is there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from application.ports.past_index import NOTHING_PASSED, Passed
from application.ports.read_model import Page, ReadModelUnavailable
from application.ports.selectors import ViewFilter
from application.ports.views import CarriedOut, LabChange, LabInstanceView
from domain.lab_instance.key import LabKey
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.read_model import MemoryReadModel
from tests.api.arrangement import LABS, Api, manifest, serving
from tests.application.arrangement import Arrangement, SettableClock, arranged
from tests.fakes.event_store import TroubledEventStore


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", LABS),
        ("PUT", f"{LABS}/lab1"),
        ("PATCH", f"{LABS}/lab1"),
        ("DELETE", f"{LABS}/lab1"),
        ("POST", f"{LABS}/lab1/retry"),
        ("GET", f"{LABS}/lab1/history"),
        ("GET", f"{LABS}/lab1?resourceVersion=1&resourceVersionMatch=Exact"),
        ("GET", f"{LABS}?resourceVersion=1&resourceVersionMatch=Exact"),
    ],
)
async def test_a_store_that_is_away_is_neither_empty_nor_a_mistake(method: str, path: str) -> None:
    clock = SettableClock()
    store = TroubledEventStore(MemoryEventStore(clock))
    async with serving(inner=arranged(store)) as api:
        await api.create("lab1")
        await api.settled()
        store.outage = "the disk is full"
        headers = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {}
        body = {"GET": None, "PATCH": {"spec": {"duration": "2h"}}}.get(method, manifest("lab1"))
        answer = await api.client.request(
            method, path, json=None if path.endswith("retry") else body, headers=headers
        )
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert answer.json()["reason"] == "ServiceUnavailable"
        store.outage = ""
        assert await api.head() == 1


class AwayReadModel(MemoryReadModel):
    """Cannot be read while it is away."""

    away = False

    async def get(self, key: LabKey) -> LabInstanceView | None:
        self._be_here()
        return await super().get(key)

    async def position(self) -> int:
        self._be_here()
        return await super().position()

    async def apply(
        self,
        changes: Sequence[LabChange],
        *,
        position: int,
        commands: Sequence[CarriedOut] = (),
        passed: Passed = NOTHING_PASSED,
    ) -> None:
        if self.away:
            await asyncio.Event().wait()
        await super().apply(changes, position=position, commands=commands, passed=passed)

    async def find(self, wanted: ViewFilter, *, after: LabKey | None, limit: int) -> Page:
        self._be_here()
        return await super().find(wanted, after=after, limit=limit)

    def _be_here(self) -> None:
        if self.away:
            raise ReadModelUnavailable("the disk is broken")


@pytest.mark.parametrize("path", [LABS, f"{LABS}/lab1", f"{LABS}/nowhere", f"{LABS}?watch=1"])
async def test_views_that_are_away_are_not_taken_for_views_of_nothing(path: str) -> None:
    async with _views_away_since("lab1") as api:
        answer = await api.client.get(path)
        assert (answer.status_code, answer.json()["reason"]) == (503, "ServiceUnavailable")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"{LABS}/lab1", manifest("lab1")),
        ("PATCH", f"{LABS}/lab1", {"spec": {"duration": "2h"}}),
        ("POST", f"{LABS}/lab1/extend?dryRun=All", {"by": "30m"}),
        ("DELETE", f"{LABS}/lab1", None),
    ],
)
async def test_changes_need_no_views(method: str, path: str, body: object) -> None:
    async with _views_away_since("lab0") as api:
        await api.create("lab1")
        headers = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {}
        answer = await api.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text


async def test_a_reader_that_waits_for_views_learns_that_they_are_away() -> None:
    async with _views_away_since("lab0") as api:
        await api.create("lab1")
        answer = await api.client.get(f"{LABS}/lab1")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


@asynccontextmanager
async def _views_away_since(name: str) -> AsyncIterator[Api]:
    """The API, whose views hold this lab and cannot be reached any more."""
    clock = SettableClock()
    read_model = AwayReadModel()
    inner = Arrangement(clock, MemoryEventStore(clock), read_model=read_model)
    async with serving(inner=inner) as api:
        await api.create(name)
        await api.settled()
        read_model.away = True
        yield api
