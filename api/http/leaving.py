"""Work that ends when nobody waits for its answer any more."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from api.http.refusals import Stopping

T = TypeVar("T")


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """What the work gives. It is cancelled when the client leaves, which raises ClientDisconnect,
    or when the server, as it stops, has waited long enough, which raises Stopping. For a request
    whose body was read, or that has none."""
    working = asyncio.create_task(work, name="awaited-by-client")
    gone = asyncio.create_task(until_gone(receive), name="client")
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    except asyncio.CancelledError:
        raise Stopping from None
    finally:
        working.cancel()
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(working, gone, return_exceptions=True)


async def until_gone(receive: Receive) -> None:
    """Wait until the client has left."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
