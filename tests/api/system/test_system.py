"""Readiness, metrics, the version and the templates, as their readers expect them."""

import pytest

from application.service import Check
from tests.api.arrangement import BASE, Api


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/version", "/version/", "/livez/"])
async def test_probes_need_no_token(api: Api, path: str) -> None:
    answer = await api.client.get(path, headers={"Authorization": ""})
    assert answer.status_code == 200


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
