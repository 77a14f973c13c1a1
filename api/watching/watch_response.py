"""How the lines of a watch travel: as they come, with bookmarks when it is quiet, and with an
end that is always clean. Buffers a few lines at most; a slow watcher slows only itself."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.errors.error_table import answer_to, expired, internal_error
from api.http.leaving import until_gone
from api.kubernetes.status import Status
from api.watching.watch_events import error
from application.mediator.questions import ResourceVersionTooLarge

_log = logging.getLogger(__name__)
_FULL = 32 * 1024
_NEVER = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """There are no more lines for now; everything up to `position` has been sent."""

    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchTimes:
    """Seconds: how long a watch lasts, how far apart its bookmarks are (None: no bookmarks),
    how long the client may take to accept what is sent."""

    lifetime: float
    bookmark_interval: float | None
    write_timeout: float


BookmarkLine = Callable[[int], bytes]
"""The line of a bookmark at a position."""


AtTheEnd = Callable[[], Status | None]
"""What has to be said to a client whose time was up; None where there is nothing."""


class WatchResponse(Response):
    """Streams lines until they end, the client leaves, or the watch has lasted its time."""

    def __init__(
        self,
        lines: AsyncIterator[bytes | Quiet],
        times: WatchTimes,
        bookmark: BookmarkLine,
        trouble: AtTheEnd = lambda: None,
    ) -> None:
        super().__init__(media_type="application/json")
        self._trouble = trouble
        self._lines = lines
        self._times = times
        self._bookmark = bookmark

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the watch."""
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        gone = asyncio.create_task(until_gone(receive), name="watch-client")
        pump = _Pump(self._lines, self._times, self._bookmark, send, self._trouble)
        try:
            await pump.run(gone)
        except TimeoutError:
            _log.info("a watcher took too long to accept an event and was let go")
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
            await pump.close()


class _Pump:
    """Takes lines and sends them; knows the time."""

    def __init__(
        self,
        lines: AsyncIterator[bytes | Quiet],
        times: WatchTimes,
        bookmark: BookmarkLine,
        send: Send,
        trouble: AtTheEnd,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._lines = lines
        self._times = times
        self._bookmark = bookmark
        self._send = send
        self._trouble = trouble
        self._now = loop.time
        self._end = loop.time() + times.lifetime
        self._next_bookmark = self._after_interval()
        self._buffer = bytearray()
        self._pending: asyncio.Future[bytes | Quiet | None] | None = None

    async def run(self, gone: asyncio.Task[None]) -> None:
        """Until the lines end, `gone` is done, or the time is up, whatever is waited for."""
        lifetime = asyncio.timeout_at(self._end)

        def leave(_: object) -> None:
            lifetime.reschedule(self._now())

        try:
            async with lifetime:
                gone.add_done_callback(leave)
                try:
                    await self._send_lines()
                finally:
                    gone.remove_done_callback(leave)
        except TimeoutError:
            if not lifetime.expired():
                raise
        if not gone.done():
            if lifetime.expired() and (trouble := self._trouble()) is not None:
                self._buffer += error(trouble)
            await self._flush()
            await self._write(b"", more=False)

    async def close(self) -> None:
        """Let go of the lines."""
        if self._pending is not None:
            self._pending.cancel()
            await asyncio.gather(self._pending, return_exceptions=True)
        closing = getattr(self._lines, "aclose", None)
        if closing is not None:
            await closing()

    async def _send_lines(self) -> None:
        while (item := await self._next()) is not None:
            if isinstance(item, Quiet):
                await self._flush()
                await self._rest(item.position)
            else:
                self._buffer += item
                if len(self._buffer) > _FULL:
                    await self._flush()
                    await asyncio.sleep(0)

    async def _next(self) -> bytes | Quiet | None:
        if self._pending is None:
            return await self._take()
        item = await self._pending
        self._pending = None
        return item

    async def _take(self) -> bytes | Quiet | None:
        try:
            return await anext(self._lines, None)
        except ResourceVersionTooLarge as trouble:
            # Data put back to an older state: who lists anew learns where it stands.
            self._buffer += error(expired(trouble.requested, trouble.reached))
            return None
        except Exception as trouble:  # noqa: BLE001  the answer has begun: sent as its last line
            answer = answer_to(trouble)
            if answer is None:
                _log.exception("a watch failed unexpectedly")
                answer = internal_error()
            self._buffer += error(answer.status)
            return None

    async def _rest(self, position: int) -> None:
        """Wait for the next line, and send bookmarks of `position` meanwhile."""
        pending = asyncio.ensure_future(self._take())
        self._pending = pending
        while True:
            wait = max(0.0, self._next_bookmark - self._now())
            await asyncio.wait({pending}, timeout=None if wait == _NEVER else wait)
            if pending.done():
                return
            self._buffer += self._bookmark(position)
            self._next_bookmark = self._after_interval()
            await self._flush()

    async def _flush(self) -> None:
        if self._buffer:
            await self._write(bytes(self._buffer), more=True)
            self._buffer.clear()

    async def _write(self, chunk: bytes, *, more: bool) -> None:
        async with asyncio.timeout(self._times.write_timeout):
            await self._send({"type": "http.response.body", "body": chunk, "more_body": more})

    def _after_interval(self) -> float:
        interval = self._times.bookmark_interval
        return _NEVER if interval is None else self._now() + interval
