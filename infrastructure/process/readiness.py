"""Asks labs over HTTP whether they answer."""

import asyncio

import httpx

from infrastructure.process.ports import LOOPBACK
from infrastructure.templates.definition import Readiness

_AT_ONCE = 16


class HttpProbe:
    """One client for all labs; to be closed."""

    def __init__(self, timeout: float) -> None:
        self._client = httpx.AsyncClient(
            timeout=timeout,
            trust_env=False,
            verify=False,  # noqa: S501  only plain HTTP on the loopback interface is spoken
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def status(self, readiness: Readiness, port: int, token: str) -> int:
        """The status that the readiness path answers; 0 when there is no answer in time."""
        url = f"http://{LOOPBACK}:{port}{readiness.path}"
        async with self._slots:
            try:
                answer = await self._client.get(url, headers={"Authorization": f"Bearer {token}"})
            except httpx.HTTPError:
                return 0
        return answer.status_code

    async def close(self) -> None:
        """Close the client."""
        await self._client.aclose()
