"""What holds for every request: credentials, sizes, bodies, its identity."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from api.http.authentication import BearerToken
from api.services import ApiLimits
from tests.api.arrangement import LABS, SECRET, Api, manifest, serving


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer wrong", f"Basic {SECRET}", f"Bearer {SECRET}x", SECRET, "Bearer \xff"],
)
@pytest.mark.parametrize("path", [LABS, "/metrics", "/openapi.json", "/nowhere"])
async def test_requests_without_the_token_learn_nothing(api: Api, header: str, path: str) -> None:
    headers = [(b"Authorization", header.encode("latin-1"))]
    answer = await api.client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (401, "Unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_the_scheme_is_read_in_any_case(api: Api) -> None:
    headers = {"Authorization": f"bEARER  {SECRET} "}
    assert (await api.client.get(LABS, headers=headers)).status_code == 200


def test_the_token_does_not_show() -> None:
    assert "hush" not in repr(BearerToken(user="admin", secret="hush"))


async def test_a_body_that_says_it_is_too_large_is_refused() -> None:
    async with serving(ApiLimits(body_bytes=100)) as api:
        answer = await api.client.post(LABS, content=b"x" * 101)
        assert (answer.status_code, answer.json()["reason"]) == (413, "RequestEntityTooLarge")


async def test_a_body_in_chunks_is_counted() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 10

    async with serving(ApiLimits(body_bytes=100)) as api:
        answer = await api.client.post(LABS, content=chunks())
        assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nonsense", b"[1,]", b'{"a":NaN}', b"\xff\xfe", b'"\\ud800"', b"[]", b"null",
        b'{"metadata":{"name":"\xff"}}', b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"x":1e999}', b'{"x":' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
async def test_a_body_that_cannot_be_read_is_a_bad_request(api: Api, body: bytes) -> None:
    answer = await api.client.post(LABS, content=body)
    assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")


BOMB = "a: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]\n"


@pytest.mark.parametrize(
    "body",
    ["{", "a: b: c", "- 1", BOMB, "!!python/object:os.system {}", "[" * 1000, "\x00",
     "x: !!set {1}", 'metadata: {name: "\\ud800"}', "? [1, 2]\n: 3\n", "a: .nan", " " * 300_000],
)  # fmt: skip
async def test_yaml_that_cannot_be_read_or_trusted_is_refused(api: Api, body: str) -> None:
    headers = {"Content-Type": "application/yaml"}
    answer = await api.client.post(LABS, content=body.encode(), headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["kind"] == "Status"
    assert await api.head() == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "image/png"])
async def test_other_content_types_are_told_what_is_accepted(api: Api, kind: str) -> None:
    answer = await api.client.post(LABS, content=b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert "application/json, application/yaml" in answer.json()["message"]


@pytest.mark.parametrize("given", ["", "with space", "x" * 129, "ä"])
async def test_a_correlation_id_that_is_none_is_replaced(api: Api, given: str) -> None:
    headers = [(b"X-Correlation-Id", given.encode("latin-1"))]
    answer = await api.client.get(LABS, headers=headers)
    assert UUID(answer.headers["X-Correlation-Id"]).version == 4


@pytest.mark.parametrize("given", ["", "nonsense", f"00-{'0' * 32}-{'1' * 16}-01"])
async def test_a_traceparent_that_is_none_is_replaced(api: Api, given: str) -> None:
    await api.client.post(LABS, json=manifest("lab1"), headers={"traceparent": given})
    entry = (await api.client.get(f"{LABS}/lab1/history")).json()["items"][0]
    version, trace, span, flags = entry["traceparent"].split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")
    assert entry["traceparent"] != given
