"""Where patches are put on documents: small ones on the spot, large ones beside the loop."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Message

from api.http.off_loop import OffLoop
from api.http.patches import Patch, read_patch
from api.objects.patching import read_object_patch

Reading = Callable[[Request], Awaitable[Patch]]

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
KINDS = [
    (read_patch, JSON_PATCH),
    (read_patch, MERGE_PATCH),
    (read_object_patch, MERGE_PATCH),
    (read_object_patch, STRATEGIC_PATCH),
]


def request_with(kind: str, body: bytes) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    scope: dict[str, Any] = {"type": "http", "headers": [(b"content-type", kind.encode())]}
    OffLoop(most_waiting=4).note_in(scope)
    return Request(scope, receive)


def body_of(kind: str, size: int) -> bytes:
    text = b'"' + b"x" * size + b'"'
    if kind == JSON_PATCH:
        return b'[{"op":"add","path":"/a","value":' + text + b"}]"
    return b'{"a":' + text + b"}"


@pytest.mark.parametrize(("read", "kind"), KINDS)
async def test_a_patch_weighs_what_its_body_does_at_least(read: Reading, kind: str) -> None:
    body = body_of(kind, 100_000)
    assert (await read(request_with(kind, body))).weight >= len(body)


@pytest.mark.parametrize(("read", "kind"), KINDS)
async def test_a_small_patch_is_light(read: Reading, kind: str) -> None:
    body = body_of(kind, 10)
    patch = await read(request_with(kind, body))
    assert patch.weight == len(body)
    assert patch.apply({}) == {"a": "x" * 10}
