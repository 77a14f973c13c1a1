"""A client that knows every lab by watching, as a controller of Kubernetes would."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from tests.scenarios.service import LABS

_SECONDS = 20


class Informer:
    """Follows all labs from where it was, through watches that end every 20 s. `falls` counts how
    often each lab was ready and then was not."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._labs: dict[str, Any] = {}
        self._version = ""
        self._changed = asyncio.Condition()
        self.falls: Counter[str] = Counter()

    async def follow(self) -> None:
        """Watch until cancelled."""
        listed = (await self._client.get(LABS)).raise_for_status().json()
        self._version = listed["metadata"]["resourceVersion"]
        while True:
            with suppress(httpx.TransportError):
                await self._watch()

    def shows_ready(self, name: str) -> bool:
        """Whether the lab was ready when it was heard of last."""
        return is_ready(self._labs.get(name))

    async def until(self, name: str, holds: Callable[[Any], bool], *, within: float) -> bool:
        """Wait until it holds of the lab's document, or of None where there is no such lab;
        False when it does not in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within), self._changed:
                await self._changed.wait_for(lambda: holds(self._labs.get(name)))
                return True
        return False

    async def _watch(self) -> None:
        asked = {
            "watch": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(_SECONDS),
        }
        async with self._client.stream("GET", LABS, params=asked) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                await self._take(json.loads(line))

    async def _take(self, change: Any) -> None:
        document = change["object"]
        self._version = document["metadata"]["resourceVersion"]
        async with self._changed:
            name = document["metadata"]["name"]
            before = self._labs.pop(name, None)
            if change["type"] != "DELETED":
                self._labs[name] = document
                self.falls[name] += is_ready(before) and not is_ready(document)
            self._changed.notify_all()


def is_ready(lab: Any) -> bool:
    """Whether this document is of a lab that is ready."""
    return lab is not None and bool(lab["status"]["state"] == "ready")
