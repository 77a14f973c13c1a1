"""A watcher that speaks ASGI: httpx's transport shows an answer only when it is complete."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.types import Message

from tests.api.arrangement import LABS, SECRET, Api


class Watcher:
    """One open watch. `ended` is done when the service has closed it cleanly; `largest` is
    the most bytes that were sent at once."""

    def __init__(self) -> None:
        self.status = 0
        self.largest = 0
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()
        self.accepting = asyncio.Event()
        self.accepting.set()
        self._left = asyncio.Event()
        self._asked = False
        self._text = b""
        self._lines: asyncio.Queue[Any] = asyncio.Queue()

    async def next(self, within: float = 2) -> Any:
        """The next line."""
        async with asyncio.timeout(within):
            return await self._lines.get()

    async def told(self, count: int) -> list[tuple[str, str]]:
        """The next lines as type and name."""
        lines = [await self.next() for _ in range(count)]
        return [(line["type"], line["object"]["metadata"].get("name", "")) for line in lines]

    def nothing_more(self) -> bool:
        """Whether no line waits to be read."""
        return self._lines.empty()

    def leave(self) -> None:
        """Go away without a word."""
        self._left.set()

    async def receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.begun.set()
            return
        await self.accepting.wait()
        body = message.get("body", b"")
        self.largest = max(self.largest, len(body))
        self._text += body
        *lines, self._text = self._text.split(b"\n")
        for line in lines:
            self._lines.put_nowait(json.loads(line))
        if not message.get("more_body", False):
            if self._text:
                self._lines.put_nowait(json.loads(self._text))
            self.ended.set()


@asynccontextmanager
async def watching(
    api: Api, query: str = "", path: str = LABS, *, accept: str = "*/*"
) -> AsyncIterator[Watcher]:
    """A watch that has begun, and is open until the context ends."""
    watcher = Watcher()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": f"watch=1{query}".encode(),
        "headers": [
            (b"authorization", f"Bearer {SECRET}".encode()),
            (b"accept", accept.encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    serving = asyncio.ensure_future(api.app(scope, watcher.receive, watcher.send))
    try:
        async with asyncio.timeout(2):
            await watcher.begun.wait()
        yield watcher
    finally:
        watcher.leave()
        watcher.accepting.set()
        with suppress(asyncio.CancelledError):
            async with asyncio.timeout(2):
                await serving
