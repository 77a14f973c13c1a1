"""Pieces of the whole log, and whether it can be read from a place."""

from collections.abc import Sequence

from kurrentdbclient import AsyncKurrentDBClient
from kurrentdbclient import RecordedEvent as ClientRecord
from kurrentdbclient.exceptions import InvalidCommitPositionError, UnknownError

from infrastructure.kurrentdb.clients import Call, Clients
from infrastructure.kurrentdb.wire import TYPE_PREFIXES

_NO_RECORD_THERE = "ReadAllResult:"


async def log_chunk(
    clients: Clients, start: int | None, *, limit: int, backwards: bool
) -> Sequence[ClientRecord]:
    """Up to `limit` events of ours: from the commit position `start` on, or before it. None is
    the first or the last. Raises EventStoreError, and InvalidCommitPositionError where the
    server has no record at `start`, which servers say in different words."""

    async def read(client: AsyncKurrentDBClient, call: Call) -> Sequence[ClientRecord]:
        try:
            response = await client.read_all(
                commit_position=start,
                backwards=backwards,
                filter_include=TYPE_PREFIXES,
                filter_by_prefix=True,
                limit=limit,
                **call,
            )
            return [record async for record in response]
        except UnknownError as error:
            if start is not None and _NO_RECORD_THERE in str(error):
                raise InvalidCommitPositionError(str(error)) from error
            raise

    return await clients.ask(read, InvalidCommitPositionError)


async def is_a_place(clients: Clients, start: int | None) -> bool:
    """Whether the server can read on after the commit position: it is that of a record, or before
    or after all of them. Raises EventStoreError."""
    if start is None:
        return True
    try:
        await log_chunk(clients, start, limit=1, backwards=False)
    except InvalidCommitPositionError:
        return False
    return True
