"""A server of long ago, as far as a driver needs to hear to turn away."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import bson

_HEADER = struct.Struct("<iiii")
_NO_FLAGS_ONE_BODY = struct.pack("<ib", 0, 0)
_OP_MSG = 2013
HELLO: dict[str, Any] = {
    "ismaster": True,
    "minWireVersion": 0,
    "maxWireVersion": 6,
    "maxBsonObjectSize": 16_777_216,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "readOnly": False,
    "ok": 1.0,
}


@asynccontextmanager
async def old_server() -> AsyncIterator[int]:
    """The port of a server that answers everything with its greeting, that of version 3.6."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length, request, _, _ = _HEADER.unpack(await reader.readexactly(_HEADER.size))
                await reader.readexactly(length - _HEADER.size)
                body = _NO_FLAGS_ONE_BODY + bson.encode(HELLO)
                writer.write(_HEADER.pack(_HEADER.size + len(body), 1, request, _OP_MSG) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
