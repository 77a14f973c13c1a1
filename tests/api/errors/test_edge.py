"""What no route answers: unknown paths, other methods, mistakes of ours, clients that leave."""

import asyncio
import logging
from typing import Any

import httpx
import pytest

from application.mediator.questions import GetLabInstance
from tests.api.arrangement import BASE, LABS, Api


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


async def test_errors_carry_their_correlation_id_too(api: Api) -> None:
    headers = {"X-Correlation-Id": "mine", "Authorization": ""}
    answer = await api.client.get(LABS, headers=headers)
    assert (answer.status_code, answer.headers["X-Correlation-Id"]) == (401, "mine")


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
