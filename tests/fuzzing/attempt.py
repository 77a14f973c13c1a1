"""One input that is tried, and how it is put to the service."""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from tests.scenarios.service import LABS

TARGET = "fuzzed"
TOKEN = b"{TOKEN}"
_TARGET = f"{LABS}/{TARGET}"
_SPACE = "/api/v1/namespaces"
_LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
_EVENTS = "/api/v1/namespaces/default/events"
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_JSON = "application/json"
_PROTOBUF = "application/vnd.kubernetes.protobuf"
_MERGE = "application/merge-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"
_APPLY = "application/apply-patch+yaml"

Door = tuple[str, str, str]
DOORS: Mapping[str, Sequence[Door]] = {
    "json": (
        ("POST", f"{LABS}?dryRun=All", _JSON),
        ("POST", f"{LABS}?dryRun=All&fieldValidation=Strict", _JSON),
        ("PUT", _TARGET, _JSON),
        ("PUT", f"{_TARGET}/status", _JSON),
        ("PUT", f"{_TARGET}/scale", _JSON),
        ("POST", f"{_SPACE}?dryRun=All&fieldValidation=Warn", _JSON),
        ("POST", f"{_LEASES}?dryRun=All", _JSON),
        ("POST", f"{_EVENTS}?dryRun=All", _JSON),
        ("POST", _REVIEWS, _JSON),
        ("POST", f"{_TARGET}/extend?dryRun=All", _JSON),
        ("DELETE", f"{_TARGET}?dryRun=All", _JSON),
    ),
    "patch": (
        ("PATCH", _TARGET, "application/json-patch+json"),
        ("PATCH", f"{_TARGET}?dryRun=All", "application/json-patch+json"),
        ("PATCH", f"{_SPACE}/default?dryRun=All", "application/json-patch+json"),
        ("PATCH", _TARGET, _MERGE),
        ("PATCH", f"{_SPACE}/default", _MERGE),
        ("PATCH", f"{_TARGET}/status", _MERGE),
        ("PATCH", f"{_TARGET}/scale", _MERGE),
        ("PATCH", f"{_SPACE}/default?fieldValidation=Strict", _STRATEGIC),
        ("PATCH", f"{_TARGET}?fieldManager=one&force=true", _APPLY),
        ("PATCH", f"{_LEASES}/{TARGET}?fieldManager=two&force=true", _APPLY),
    ),
    "yaml": (
        ("POST", f"{LABS}?dryRun=All", "application/yaml"),
        ("POST", f"{_SPACE}?dryRun=All&fieldValidation=Strict", "application/yaml"),
        ("PATCH", f"{_TARGET}?fieldManager=three&force=true", _APPLY),
    ),
    "protobuf": (
        ("POST", f"{_SPACE}?dryRun=All", _PROTOBUF),
        ("POST", f"{_LEASES}?dryRun=All", _PROTOBUF),
        ("POST", f"{_EVENTS}?dryRun=All", _PROTOBUF),
        ("POST", _REVIEWS, _PROTOBUF),
        ("DELETE", f"{_TARGET}?dryRun=All", _PROTOBUF),
    ),
    "selector": tuple(
        ("GET", f"{path}?{name}=", "")
        for path in (LABS, _SPACE, _EVENTS, "/apis/lab.neuroglia.com/v1/labtemplates")
        for name in ("labelSelector", "fieldSelector", "continue", "resourceVersion")
    )
    + tuple(("GET", f"{LABS}?{name}=", "") for name in ("asOf", "limit"))
    + tuple(("GET", f"{_TARGET}/history?{name}=", "") for name in ("continue", "limit"))
    + (("GET", f"{LABS}?watch=1&timeoutSeconds=1&resourceVersion=0&labelSelector=", ""),),
}
WEB = (*DOORS, "heads")
KINDS = (*WEB, "templates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Bytes of one kind, put in at one of its doors; those of heads are a whole request."""

    kind: str
    door: int
    data: bytes

    def request(self, token: str) -> bytes:
        """What goes over the connection."""
        if self.kind == "heads":
            return self.data.replace(TOKEN, token.encode())
        method, path, media = DOORS[self.kind][self.door % len(DOORS[self.kind])]
        inside = self.kind == "selector"
        path += quote_from_bytes(self.data) if inside else ""
        body = b"" if inside else self.data
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n"
        )
        head += f"Content-Type: {media}\r\n" if media else ""
        return head.encode() + b"\r\n" + body

    def kept(self) -> str:
        """A line of text that it can be made from again."""
        packed = base64.b85encode(zlib.compress(self.data, 9)).decode()
        return json.dumps({"kind": self.kind, "door": self.door, "data": packed})


def from_kept(line: str) -> Attempt:
    """The attempt that a line keeps."""
    read = json.loads(line)
    data = zlib.decompress(base64.b85decode(read["data"]))
    return Attempt(kind=read["kind"], door=read["door"], data=data)
