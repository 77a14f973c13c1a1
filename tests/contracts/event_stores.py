"""Every kind of event store for the contract suite, and how an empty one is opened."""

import inspect
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from application.ports.event_store import EventStore
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.system_clock import SystemClock
from tests.contracts.given import SettableClock
from tests.contracts.own_part import OwnPart
from tests.kurrentdb_server.edition import Edition
from tests.kurrentdb_server.server import KurrentDBServer, serving

REAL_SERVER = os.environ.get("KURRENTDB_URI", "")
IMAGES = ("eventstore/eventstore:23.10.0-bookworm-slim", "kurrentplatform/kurrentdb:25.1.3")


def docker_answers() -> bool:
    """Whether containers can be had here."""
    if "DOCKER_HOST" in os.environ:
        return True
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex("/var/run/docker.sock") == 0


def kinds() -> list[Any]:
    """Those that can be had here."""
    found: list[Any] = ["memory", "sqlite", "sqlite apart", *Edition]
    if REAL_SERVER:
        found.append(pytest.param(REAL_SERVER, id="the server at KURRENTDB_URI"))
    if docker_answers():
        found += [pytest.param(image, marks=pytest.mark.external) for image in IMAGES]
    return found


@asynccontextmanager
async def open_event_store(
    request: pytest.FixtureRequest, folder: Path, clock: SettableClock
) -> AsyncIterator[EventStore]:
    """An empty event store of the kind that the test asks for."""
    match request.param:
        case "memory":
            yield MemoryEventStore(clock)
        case "sqlite":
            database = SqliteDatabase.open(folder / "lab.db", clock=clock, live_events=3)
            yield SqliteEventStore(database)
            await database.close()
        case "sqlite apart":
            apart = SqliteDatabase.open_apart(folder / "lab.db", clock=clock, live_events=3)
            yield SqliteEventStore(apart)
            await apart.close()
        case Edition() as edition:
            async with (
                serving(KurrentDBServer(clock=clock, edition=edition)) as server,
                open_kurrentdb(server.uri, clock=clock) as store,
            ):
                yield store
        case _:
            if "store_clock" in inspect.signature(request.function).parameters:
                pytest.skip("nobody sets the clock of a real server")
            uri = REAL_SERVER
            if request.param in IMAGES:
                uri = request.getfixturevalue("kurrentdb_containers")(request.param)
            async with open_kurrentdb(uri, clock=SystemClock()) as shared:
                yield OwnPart(shared, begins_at=await shared.head())


@contextmanager
def container(image: str) -> Iterator[str]:
    """The address of a server in a container, until the block ends."""
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415  needs Docker
    from testcontainers.core.waiting_utils import wait_for_logs  # noqa: PLC0415

    with DockerContainer(image).with_command("--insecure").with_exposed_ports(2113) as running:
        wait_for_logs(running, "IS LEADER", timeout=60)
        host, port = running.get_container_host_ip(), running.get_exposed_port(2113)
        yield f"esdb://{host}:{port}?Tls=false"
