"""Where the running service is, by its own kubeconfig, and one question to it."""

import json
import ssl
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import yaml

from infrastructure.unusable import Unusable

_PATIENCE = 60.0


class Unanswered(Unusable):
    """There is no answer to print; the message is one line that says why."""

    def __init__(self, reason: str, *, code: int = 0) -> None:
        self.code = code
        super().__init__(" ".join(reason.split()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The service's address, the authority of its certificate, and the token."""

    server: str
    authority: str
    token: str = field(repr=False)

    def ask(self, path: str, query: Mapping[str, str], *, accept: str) -> dict[str, Any]:
        """The answer to a GET. Raises Unanswered."""
        import httpx  # noqa: PLC0415  not needed to serve, and a tenth of what the start loads

        trusted = ssl.create_default_context(cadata=self.authority)
        headers = {"Authorization": f"Bearer {self.token}", "Accept": accept}
        try:
            answer = httpx.get(
                self.server + path,
                params=dict(query),
                headers=headers,
                verify=trusted,
                timeout=_PATIENCE,
                trust_env=False,
            )
        except httpx.HTTPError as error:
            raise Unanswered(f"the service does not answer at {self.server}: {error}") from None
        return _document(answer.status_code, answer.content)

    def lines(self, path: str, query: Mapping[str, str], *, accept: str) -> Iterator[str]:
        """The lines of the answer to a GET, as they come. Raises Unanswered."""
        import httpx  # noqa: PLC0415  see above

        trusted = ssl.create_default_context(cadata=self.authority)
        headers = {"Authorization": f"Bearer {self.token}", "Accept": accept}
        client = httpx.Client(headers=headers, verify=trusted, timeout=_PATIENCE, trust_env=False)
        try:
            with client, client.stream("GET", self.server + path, params=dict(query)) as answer:
                if answer.status_code >= HTTPStatus.BAD_REQUEST:
                    _document(answer.status_code, answer.read())
                yield from answer.iter_lines()
        except httpx.HTTPError as error:
            raise Unanswered(f"the service does not answer at {self.server}: {error}") from None


def connection_in(kubeconfig: str) -> Connection:
    """From the text of the service's own kubeconfig. Raises Unanswered."""
    try:
        document = yaml.safe_load(kubeconfig)
        cluster = document["clusters"][0]["cluster"]
        return Connection(
            server=cluster["server"],
            authority=b64decode(cluster["certificate-authority-data"]).decode(),
            token=document["users"][0]["user"]["token"],
        )
    except (yaml.YAMLError, LookupError, TypeError, ValueError):
        raise Unanswered("the kubeconfig of the service cannot be read") from None


def _document(status: int, content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Unanswered(f"the service answered {status} and no document")
    if status >= 400:
        raise Unanswered(str(document.get("message")), code=status)
    return document
