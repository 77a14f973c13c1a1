"""How large a lab may grow by what clients keep with it, and what is told of it at once."""

import json
from typing import Any

from tests.api.arrangement import LABS, Api, manifest

APPLY = {"Content-Type": "application/apply-patch+yaml"}
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


async def test_a_lab_that_many_managers_would_make_too_large_is_refused(api: Api) -> None:
    await api.create("lab1")
    prefix = ".".join(["n" * 60] * 4)
    notes = {f"{prefix}/{'n' * 55}-{each:03}": "1" for each in range(250)}
    body = {**manifest("lab1"), "metadata": {"name": "lab1", "annotations": notes}}
    refused: Any = None
    for number in range(40):
        path = f"{LABS}/lab1?fieldManager=manager-{number}"
        refused = await api.client.patch(path, content=json.dumps(body), headers=APPLY)
        if refused.status_code != 200:
            break
    assert refused.status_code == 413
    assert "lab1" in refused.json()["message"]


async def test_a_page_of_a_history_ends_where_it_gets_large(api: Api) -> None:
    await api.create("lab1")
    for number in range(20):
        note = {"metadata": {"annotations": {"note": f"{number:02}" + "x" * 255_000}}}
        answer = await api.client.patch(f"{LABS}/lab1", json=note, headers=MERGE_PATCH)
        assert answer.status_code == 200
    items: list[Any] = []
    token = ""
    pages = 0
    while token or not items:
        answer = await api.client.get(f"{LABS}/lab1/history", params={"continue": token})
        assert len(answer.content) < 6 * 1024 * 1024
        items += answer.json()["items"]
        token = answer.json()["metadata"].get("continue", "")
        pages += 1
    assert pages > 1
    assert len(items) == 21
