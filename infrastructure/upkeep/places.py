"""Where a history is copied from or to, as people name it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from application.ports.clock import Clock
from infrastructure.codec.raw_log import RawLog
from infrastructure.data_directory.claim import DataDirectory, database_in
from infrastructure.kurrentdb.raw_log import open_raw_log as open_server
from infrastructure.setting_values import SQLITE
from infrastructure.settings import Settings
from infrastructure.sqlite.raw_log import open_raw_log as open_file
from infrastructure.unusable import Unusable
from infrastructure.upkeep.troubles import held

_SERVERS = ("kurrentdb", "kdb", "esdb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A data directory, or else the address of a server, which is secret."""

    data_dir: Path | None
    address: str


def read_place(option: str, text: str | None, settings: Settings) -> Place:
    """What is meant by `sqlite`, a data directory, the file in it, or an address; None means
    the configured event store. Raises Unusable."""
    text = settings.event_store if text is None else text
    scheme, separator, _ = text.partition("://")
    if separator and scheme.removesuffix("+discover") in _SERVERS:
        return Place(data_dir=None, address=text)
    if text == SQLITE:
        return Place(data_dir=settings.data_dir.resolve(), address="")
    path = Path(text).expanduser().resolve()
    if path == database_in(path.parent):
        path = path.parent
    meant = text.startswith(("/", "./", "../", "~")) or path.is_dir()
    if separator or not text or not meant or path.is_file():
        shown = f"{scheme}://..." if separator else text[:80]
        raise Unusable(
            f"{option} {shown!r}: must be sqlite, a data directory such as ./data, or an address "
            "such as kurrentdb://host:2113?Tls=false"
        )
    return Place(data_dir=path, address="")


@asynccontextmanager
async def open_source(place: Place, clock: Clock) -> AsyncIterator[RawLog]:
    """The log there, which must exist. Raises Unusable, and what opening raises."""
    if place.data_dir is None:
        async with open_server(place.address, clock=clock) as log:
            yield log
        return
    with held(place.data_dir) as file, open_file(file) as embedded:
        yield embedded


@asynccontextmanager
async def open_target(place: Place, clock: Clock) -> AsyncIterator[RawLog]:
    """The log there, made if need be. Raises what opening raises."""
    if place.data_dir is None:
        async with open_server(place.address, clock=clock) as log:
            yield log
        return
    with DataDirectory.claim(place.data_dir), open_file(database_in(place.data_dir)) as embedded:
        yield embedded
