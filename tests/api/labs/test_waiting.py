"""What a lab waits for, shown beside what is recorded of it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from api.app import create_app
from domain.lab_instance.lab_instance import LabInstance
from tests.api.arrangement import LABS, SECRET, Api

TOLD = "waiting for a permit: 8 of 8 in use, place 3 in namespace default"


def waiting(lab: LabInstance) -> str:
    return TOLD if lab.key.name == "late" else ""


@pytest.fixture
async def client(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API where one lab waits."""
    for name in ("early", "late"):
        await api.create(name)
    app = create_app(replace(api.services, waiting=waiting))
    headers = {"Authorization": f"Bearer {SECRET}"}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://labs.test", headers=headers
    ) as client:
        yield client


def _told(lab: dict[str, Any]) -> tuple[str, str, str]:
    [ready] = [each for each in lab["status"]["conditions"] if each["type"] == "Ready"]
    return lab["status"]["reason"], lab["status"]["message"], ready["message"]


async def test_a_lab_that_waits_says_for_what(client: httpx.AsyncClient) -> None:
    lab = (await client.get(f"{LABS}/late")).json()
    assert _told(lab) == ("WaitingForPermit", TOLD, TOLD)
    listed = (await client.get(LABS)).json()["items"]
    assert [_told(each)[0] for each in listed] == ["Pending", "WaitingForPermit"]
    form = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    table = (await client.get(LABS, headers=form)).json()
    assert [row["cells"][-1] for row in table["rows"]] == ["waiting to be provisioned", TOLD]


async def test_the_past_is_told_as_it_was_recorded(api: Api, client: httpx.AsyncClient) -> None:
    version = await api.head()
    for question in (
        f"{LABS}/late?resourceVersion={version}&resourceVersionMatch=Exact",
        f"{LABS}?resourceVersion={version}&resourceVersionMatch=Exact",
    ):
        answer = (await client.get(question)).json()
        lab = answer["items"][1] if "items" in answer else answer
        assert _told(lab)[:2] == ("Pending", "waiting to be provisioned")
