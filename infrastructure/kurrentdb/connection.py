"""Opening the event store: a wrong configuration stops the start, an absent server does not."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from application.ports.clock import Clock
from application.ports.event_store import CaughtUp, EventStoreUnavailable
from infrastructure.kurrentdb.address import Address, UnusableEventStore, read_address
from infrastructure.kurrentdb.clients import Clients
from infrastructure.kurrentdb.errors import NEEDED, Misconfigured
from infrastructure.kurrentdb.event_store import KurrentDBEventStore
from infrastructure.kurrentdb.following import NeverCaughtUp

log = logging.getLogger(__name__)
_PATIENCE = 5.0


@asynccontextmanager
async def open_kurrentdb(
    uri: str, *, clock: Clock, patience: float = _PATIENCE
) -> AsyncIterator[KurrentDBEventStore]:
    """The event store at an address, until the context ends.

    `patience`: for how many seconds a call is tried before it fails, unless the address says
    so itself (DefaultDeadline). Raises UnusableEventStore, within three times that, when the
    address or the server is wrong. A server that cannot be reached may come later: that is
    logged, and until then the store is unavailable.
    """
    async with opened(uri, clock=clock, patience=patience) as (_, store):
        yield store


@asynccontextmanager
async def opened(
    uri: str, *, clock: Clock, patience: float = _PATIENCE
) -> AsyncIterator[tuple[Clients, KurrentDBEventStore]]:
    """As `open_kurrentdb`, with the clients, for what the port does not know."""
    address = read_address(uri)
    clients = Clients(address, patience=address.deadline or patience)
    store = KurrentDBEventStore(clients, clock)
    try:
        await _examine(address, clients, store)
        yield clients, store
    finally:
        await clients.close()


async def _examine(address: Address, clients: Clients, store: KurrentDBEventStore) -> None:
    """Reads only. Raises UnusableEventStore."""
    try:
        await _caught_up(store, after=await store.head())
    except Misconfigured as error:
        raise UnusableEventStore(address.shown, error.reason) from None
    except NeverCaughtUp as error:
        raise UnusableEventStore(address.shown, f"{error.reason}: {NEEDED}") from None
    except EventStoreUnavailable as error:
        if not address.tls and await _speaks_tls(*address.targets[0], within=clients.patience):
            reason = "it speaks TLS, and the address says Tls=false"
            raise UnusableEventStore(address.shown, reason) from None
        log.warning("the event store cannot be reached yet", extra={"error": error.reason})


async def _caught_up(store: KurrentDBEventStore, *, after: int) -> None:
    """Asks for what the service cannot be without, instead of for the server's version."""
    async with aclosing(store.subscribe_all(after=after)) as items:
        async for item in items:
            if isinstance(item, CaughtUp):
                return


async def _speaks_tls(host: str, port: int, *, within: float) -> bool:
    anything = ssl.create_default_context()
    anything.check_hostname = False
    anything.verify_mode = ssl.CERT_NONE  # nothing is sent; only whether there is TLS counts
    try:
        async with asyncio.timeout(within):
            _, writer = await asyncio.open_connection(host, port, ssl=anything)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
