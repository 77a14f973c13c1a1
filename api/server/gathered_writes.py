"""What goes out to a client, in as few writes as may be.

uvicorn writes an answer's head and its body apart. Each write is a call of the system that may
wake whoever waits at the other end, which costs more than making the answer.
"""

import asyncio
from typing import Any

_MOST = 64 * 1024


class GatheredWrites(asyncio.Transport):
    """A transport whose writes of one turn of the loop leave together, at the turn's end.

    More than 64 KiB leave at once, so that a fast answer to a slow client is still held back
    by the transport beneath. Closing sends what was gathered, for `closes_within` seconds at
    most: a close must not wait for a peer that does not read. Aborting drops it. What is written
    after `finish` is dropped.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        *,
        closes_within: float,
    ) -> None:
        super().__init__()
        self._closes_within = closes_within
        self._closing: asyncio.TimerHandle | None = None
        self._ended = False
        self._transport = transport
        self._loop = loop
        self._gathered: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> None:
        """Send it with whatever else this turn sends."""
        if self._ended:
            return
        # For speed, decision 34.
        if not self._gathered:
            self._loop.call_soon(self._send)
        self._gathered.append(data)
        self._size += len(data)
        if self._size > _MOST:
            self._send()

    def close(self) -> None:
        """Send what was gathered, then close; in time, whatever the peer does."""
        self._send()
        self._transport.close()
        if self._closing is None:
            self._closing = self._loop.call_later(self._closes_within, self._transport.abort)

    def finish(self) -> None:
        """Send what was gathered and say that nothing more comes, but close only when the client
        has, or in time: closed over what it is still sending, it would never read the answer."""
        self._send()
        self._ended = True
        if not self._transport.can_write_eof():
            self.close()
        elif self._closing is None and not self._transport.is_closing():
            self._transport.write_eof()
            self._closing = self._loop.call_later(self._closes_within, self._transport.abort)

    def closed(self) -> None:
        """The connection is gone: nothing is waited for any more."""
        if self._closing is not None:
            self._closing.cancel()

    def abort(self) -> None:
        """Close at once."""
        self._gathered.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._ended or self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection."""
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Let the client wait with what it sends."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take in what the client sends."""
        self._transport.resume_reading()

    def _send(self) -> None:
        gathered, self._gathered = self._gathered, []
        self._size = 0
        if gathered and not self._transport.is_closing():
            self._transport.write(b"".join(gathered) if len(gathered) > 1 else gathered[0])
