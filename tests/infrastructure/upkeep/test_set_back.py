"""A KurrentDB that was restored from an older backup: no start on it, and a rebuild that tells its
time lines apart."""

from pathlib import Path

import pytest

from application.mediator.questions import (
    AtPosition,
    Latest,
    ListLabInstances,
    Moment,
    ResourceVersionExpired,
)
from application.ports.event_store import EMPTY, RecordedEvent
from application.ports.read_model import LogSetBack
from application.ports.selectors import EVERYTHING
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.settings import Settings, read_settings
from infrastructure.upkeep.rebuilding import rebuild_views
from infrastructure.wiring.adapters import open_adapters
from infrastructure.wiring.bootstrap import at_work
from tests.contracts.given import SettableClock, created, new
from tests.kurrentdb_server.server import KurrentDBServer, serving

PATIENCE = 1.5


def settings_for(server: KurrentDBServer, data_dir: Path) -> Settings:
    return read_settings(
        {
            "LAB_DATA_DIR": str(data_dir),
            "LAB_EVENT_STORE": server.uri,
            "LAB_PROVISIONER": "simulated",
        }
    )


async def append(server: KurrentDBServer, *names: str) -> list[RecordedEvent]:
    async with open_kurrentdb(server.uri, clock=SettableClock(), patience=PATIENCE) as store:
        return [
            recorded
            for name in names
            for recorded in await store.append(
                f"labinstance-class-a/{name}", [new(created(name))], expected=EMPTY
            )
        ]


async def seen_by_a_service(settings: Settings) -> None:
    """One that runs until it remembers where the log ends."""
    async with open_adapters(settings) as adapters:
        witness = adapters.witness
        assert witness is not None
        await witness.remember()


def labs_at(moment: Moment) -> ListLabInstances:
    return ListLabInstances(wanted=EVERYTHING, moment=moment, after=None, limit=9)


async def start(settings: Settings) -> None:
    async with open_adapters(settings) as adapters, at_work(settings, adapters):
        pass


async def test_versions_of_the_lost_time_line_are_expired_also_where_records_begin_there_now(
    tmp_path: Path,
) -> None:
    async with serving(KurrentDBServer(clock=SettableClock())) as server:
        settings = settings_for(server, tmp_path / "data")
        [first, lost] = await append(server, "ann", "bob")
        await seen_by_a_service(settings)
        server.log.set_back(1)
        [eve] = await append(server, "eve")
        assert eve.position == lost.position, "a record begins at that very position now"

        with pytest.raises(LogSetBack, match=f"position {lost.position}"):
            await start(settings)
        rebuilt = await rebuild_views(settings, take_over=False, report=lambda *_: None)

        assert rebuilt.views == 2
        async with open_adapters(settings) as adapters, at_work(settings, adapters) as service:
            moment = Latest(not_older_than=rebuilt.position)
            assert len((await service.mediator.ask(labs_at(moment))).views) == 2
            for lost_moment in (
                Latest(not_older_than=lost.position),
                AtPosition(position=lost.position),
            ):
                with pytest.raises(ResourceVersionExpired):
                    await service.mediator.ask(labs_at(lost_moment))
            with pytest.raises(ResourceVersionExpired):
                await anext(service.watch_feed.changes(after=lost.position))
            assert await adapters.events.head() > lost.position > first.position
