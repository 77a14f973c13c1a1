"""Signed notes sent to an address on the web."""

from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from application.ports.signed_checkpoints import AnchorFailed

_PATIENCE = 5.0
_TYPE = {"Content-Type": "text/plain; charset=utf-8"}


class WebAnchor:
    """The Anchor contract on an address that takes a POST, or else a PUT. Only its host is ever
    told: the rest may be secret."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._host = urlsplit(url).hostname
        self._method = "POST"

    async def bring(self, note: str) -> None:
        try:
            async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
                code = await self._sent(client, note)
                if code == HTTPStatus.METHOD_NOT_ALLOWED and self._method == "POST":
                    self._method = "PUT"
                    code = await self._sent(client, note)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise AnchorFailed(f"{self._host} does not answer: {type(error).__name__}") from None
        if code >= HTTPStatus.MULTIPLE_CHOICES:
            raise AnchorFailed(f"{self._host} answered {code}")

    async def _sent(self, client: httpx.AsyncClient, note: str) -> int:
        body = note.encode()
        async with client.stream(self._method, self._url, content=body, headers=_TYPE) as answer:
            return answer.status_code
