"""What holds for every request: credentials, sizes, paths, methods, bodies, mistakes of ours."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from api.http.authentication import BearerToken
from api.services import ApiLimits
from application.mediator.questions import GetLabInstance
from application.service import Check
from tests.api.arrangement import BASE, LABS, SECRET, Api, manifest, serving


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer wrong", f"Basic {SECRET}", f"Bearer {SECRET}x", SECRET, "Bearer \xff"],
)
@pytest.mark.parametrize("path", [LABS, "/metrics", "/openapi.json", "/nowhere"])
async def test_without_the_token_nothing_is_told(api: Api, header: str, path: str) -> None:
    headers = [(b"Authorization", header.encode("latin-1"))]
    answer = await api.client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (401, "Unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/version", "/version/", "/livez/"])
async def test_probes_need_no_token(api: Api, path: str) -> None:
    answer = await api.client.get(path, headers={"Authorization": ""})
    assert answer.status_code == 200


async def test_the_scheme_is_read_in_any_case(api: Api) -> None:
    headers = {"Authorization": f"bEARER  {SECRET} "}
    assert (await api.client.get(LABS, headers=headers)).status_code == 200


def test_the_token_does_not_show() -> None:
    assert "hush" not in repr(BearerToken(user="admin", secret="hush"))


@pytest.mark.parametrize(
    "path", ["/", "/nope", f"{BASE}/nope", f"{LABS}/x/nope", "/docs", "/redoc", "//"]
)
async def test_unknown_paths_are_not_found_in_kubernetes_words(api: Api, path: str) -> None:
    answer = await api.client.get(path)
    assert answer.status_code == 404
    assert answer.json()["message"] == "the server could not find the requested resource"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", LABS, "DELETE, GET, POST"),
        ("POST", f"{LABS}/x", "DELETE, GET, PATCH, PUT"),
        ("GET", f"{LABS}/x/restart", "POST"),
        ("POST", "/version", "GET"),
        ("HEAD", LABS, "DELETE, GET, POST"),
    ],
)
async def test_other_methods_are_refused_with_those_that_are_offered(
    api: Api, method: str, path: str, allowed: str
) -> None:
    answer = await api.client.request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    if method != "HEAD":
        assert answer.json()["reason"] == "MethodNotAllowed"


async def test_trailing_slashes_make_no_difference(api: Api) -> None:
    await api.create("lab1")
    for path in (f"{LABS}/", f"{LABS}/lab1/", f"{BASE}/labtemplates/", "/openapi.json/"):
        assert (await api.client.get(path)).status_code == 200


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


async def test_a_mistake_of_ours_is_logged_and_not_told(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(question: GetLabInstance) -> Any:
        raise RuntimeError("secret inside")

    api.inner.mediator.on_query(GetLabInstance, broken)
    with caplog.at_level(logging.ERROR):
        answer = await api.client.get(f"{LABS}/lab1")
    assert (answer.status_code, answer.json()["reason"]) == (500, "InternalError")
    assert "secret inside" not in answer.text
    assert "Traceback" not in answer.text
    assert "secret inside" in caplog.text


@pytest.mark.parametrize("given", ["", "with space", "x" * 129, "ä"])
async def test_a_correlation_id_that_is_none_is_replaced(api: Api, given: str) -> None:
    headers = [(b"X-Correlation-Id", given.encode("latin-1"))]
    answer = await api.client.get(LABS, headers=headers)
    assert UUID(answer.headers["X-Correlation-Id"]).version == 4


async def test_errors_carry_their_correlation_id_too(api: Api) -> None:
    headers = {"X-Correlation-Id": "mine", "Authorization": ""}
    answer = await api.client.get(LABS, headers=headers)
    assert (answer.status_code, answer.headers["X-Correlation-Id"]) == (401, "mine")


@pytest.mark.parametrize("given", ["", "nonsense", f"00-{'0' * 32}-{'1' * 16}-01"])
async def test_a_traceparent_that_is_none_is_replaced(api: Api, given: str) -> None:
    await api.client.post(LABS, json=manifest("lab1"), headers={"traceparent": given})
    entry = (await api.client.get(f"{LABS}/lab1/history")).json()["items"][0]
    version, trace, span, flags = entry["traceparent"].split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")
    assert entry["traceparent"] != given


async def test_ready_tells_every_check_when_asked_or_when_one_fails(api: Api) -> None:
    assert (await api.client.get("/readyz")).text == "ok"
    verbose = await api.client.get("/readyz?verbose")
    assert verbose.text == "[+]event-store ok\nreadyz check passed\n"
    api.checks.append(Check(name="projection", ok=False, message="9 positions behind"))
    answer = await api.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.text == (
        "[+]event-store ok\n[-]projection failed: 9 positions behind\nreadyz check failed\n"
    )
    assert (await api.client.get("/livez")).status_code == 200


async def test_metrics_and_version_are_what_their_readers_expect(api: Api) -> None:
    metrics = await api.client.get("/metrics")
    assert metrics.text == "labs_total 1\n"
    assert metrics.headers["content-type"].startswith("text/plain; version=")
    version = (await api.client.get("/version")).json()
    assert (version["major"], version["gitVersion"][:3]) == ("1", "v1.")


async def test_templates_are_listed_with_their_reasons(api: Api) -> None:
    document = (await api.client.get(f"{BASE}/labtemplates")).json()
    assert document["kind"] == "LabTemplateList"
    status = {item["metadata"]["name"]: item["status"] for item in document["items"]}
    assert status["python-basics"] == {"available": True}
    assert status["jupyterlab"] == {"available": False, "reason": "jupyter is not installed"}
    assert document["items"][0]["spec"]["maximumDuration"] == "4h"


async def test_a_client_that_leaves_in_the_middle_of_its_body_disturbs_nobody(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    messages = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Any:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError("nobody is there to answer")

    request = api.client.build_request("POST", LABS)
    scope = _scope(request)
    async with asyncio.timeout(2):
        await api.app(scope, receive, send)
    assert caplog.text == ""


def _scope(request: httpx.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "method": request.method,
        "path": request.url.path,
        "root_path": "",
        "query_string": b"",
        "headers": [(key.lower(), value) for key, value in request.headers.raw],
    }
