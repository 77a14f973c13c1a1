"""The command subresources, the history and the log."""

from typing import Any

import pytest

from tests.api.arrangement import LABS, Api

LAB = f"{LABS}/lab1"


@pytest.fixture
async def ready(api: Api) -> Api:
    """A ready lab1."""
    await api.create("lab1")
    await api.make_ready("lab1")
    return api


async def test_a_lab_is_extended_up_to_its_templates_maximum(ready: Api) -> None:
    answer = await ready.client.post(f"{LAB}/extend", json={"by": "30m"})
    assert answer.status_code == 200
    assert answer.json()["status"]["expiresAt"] == "2026-03-02T10:30:00Z"
    too_much = await ready.client.post(f"{LAB}/extend", json={"by": "4h"})
    assert too_much.status_code == 422
    assert too_much.json()["details"]["causes"][0]["field"] == "by"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 422),
        ({"by": 5}, 422),
        ({"by": "soon"}, 422),
        ({"by": None}, 422),
        ([], 400),
        (None, 400),
    ],
)
async def test_an_extension_that_says_no_duration_is_refused(
    ready: Api, body: Any, code: int
) -> None:
    assert (await ready.client.post(f"{LAB}/extend", json=body)).status_code == code


async def test_a_generation_counts_as_observed_when_it_has_been_acted_on(api: Api) -> None:
    made = await api.create("lab1")
    assert (made["metadata"]["generation"], made["status"]["observedGeneration"]) == (1, 0)
    await api.make_ready("lab1")
    ready = (await api.client.get(f"{LABS}/lab1")).json()
    assert (ready["metadata"]["generation"], ready["status"]["observedGeneration"]) == (1, 1)


async def test_a_ready_lab_is_restarted(ready: Api) -> None:
    answer = await ready.client.post(f"{LAB}/restart")
    assert answer.json()["status"]["state"] == "provisioning"
    assert answer.json()["status"]["reason"] == "RestartRequested"


async def test_a_lab_that_has_not_failed_cannot_be_retried(ready: Api) -> None:
    answer = await ready.client.post(f"{LAB}/retry")
    assert (answer.status_code, answer.json()["reason"]) == (409, "Conflict")
    assert "while it is ready" in answer.json()["message"]


async def test_an_abandoned_lab_is_gone_and_what_is_left_is_on_record(ready: Api) -> None:
    answer = await ready.client.post(f"{LAB}/abandon")
    assert answer.json()["status"]["state"] == "deleted"
    assert (await ready.client.get(LAB)).status_code == 404
    last = (await ready.client.get(f"{LAB}/history")).json()["items"][-1]
    assert "http://127.0.0.1:9000" in last["leftBehind"][0]


@pytest.mark.parametrize("command", ["restart", "retry", "abandon", "access", "extend"])
async def test_a_lab_that_is_not_there_takes_no_commands(api: Api, command: str) -> None:
    answer = await api.client.post(f"{LAB}/{command}", json={"by": "5m"})
    assert answer.status_code == 404


async def test_a_dry_command_shows_what_it_would_do(ready: Api) -> None:
    head = await ready.head()
    answer = await ready.client.post(f"{LAB}/restart?dryRun=All")
    assert answer.json()["status"]["state"] == "provisioning"
    assert await ready.head() == head


async def test_access_answers_the_link_after_recording_that_it_was_given(ready: Api) -> None:
    answer = await ready.client.post(f"{LAB}/access")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == {
        "kind": "LabAccess",
        "apiVersion": "lab.neuroglia.com/v1",
        "metadata": {"name": "lab1", "namespace": "default"},
        "url": "http://127.0.0.1:1/?access_token=s3cret-of-lab1",
    }
    history = await ready.client.get(f"{LAB}/history")
    assert history.json()["items"][-1]["type"].startswith("lab-instance.access-granted.")
    assert "s3cret" not in history.text
    assert "s3cret" not in (await ready.client.get(LAB)).text


async def test_access_that_could_not_be_given_is_not_on_record(ready: Api) -> None:
    head = await ready.head()
    ready.runtimes.locked.add("lab1")
    answer = await ready.client.post(f"{LAB}/access")
    assert answer.status_code == 404
    assert await ready.head() == head


async def test_there_is_no_way_into_a_lab_that_is_not_ready(api: Api) -> None:
    await api.create("lab1")
    head = await api.head()
    answer = await api.client.post(f"{LAB}/access")
    assert answer.status_code == 409
    assert "s3cret" not in answer.text
    assert await api.head() == head


async def test_a_dry_access_gives_no_link_and_records_nothing(ready: Api) -> None:
    head = await ready.head()
    answer = await ready.client.post(f"{LAB}/access?dryRun=All")
    assert answer.status_code == 200
    assert "s3cret" not in answer.text
    assert await ready.head() == head


async def test_the_history_tells_who_did_what_and_what_changed(api: Api) -> None:
    headers = {
        "User-Agent": "curl/8\x7f",
        "X-Correlation-Id": "lesson-7",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "Idempotency-Key": "k",
    }
    body = {"metadata": {"name": "lab1"}}
    created = await api.client.post(LABS, json=body, headers=headers)
    assert created.headers["X-Correlation-Id"] == "lesson-7"
    await api.make_ready("lab1")
    document = (await api.client.get(f"{LAB}/history")).json()
    assert document["kind"] == "LabInstanceHistory"
    assert document["metadata"] == {"name": "lab1", "namespace": "default"}
    first, _, last = document["items"]
    assert (first["version"], first["position"]) == (1, "1")
    assert first["type"] == "lab-instance.created.v1"
    assert (first["actor"], first["userAgent"]) == ("admin", "curl/8")
    assert first["correlationId"] == "lesson-7"
    assert first["traceparent"] == headers["traceparent"]
    assert first["time"] == first["recordedAt"] == "2026-03-02T09:00:00.000000Z"
    assert first["uid"] == created.json()["metadata"]["uid"]
    changes = {each["path"]: (each.get("before"), each["value"]) for each in last["difference"]}
    assert changes["/status/state"] == ("provisioning", "ready")
    assert changes["/status/endpoint"] == (None, "http://127.0.0.1:9000")
    assert changes["/status/conditions/0/status"] == ("False", "True")
    assert "/metadata/resourceVersion" not in changes
    assert last["sentence"] == "runtime 1 answers at http://127.0.0.1:9000"


async def test_the_history_goes_through_all_incarnations_in_pages(ready: Api) -> None:
    await ready.client.delete(LAB)
    await ready.complete_deletion("lab1")
    await ready.create("lab1")
    whole = (await ready.client.get(f"{LAB}/history")).json()["items"]
    assert [entry["version"] for entry in whole] == [1, 2, 3, 4, 5, 6]
    assert len({entry["uid"] for entry in whole}) == 2
    assert whole[4]["proof"] == "nothing runs"
    assert [each["op"] for each in whole[5]["difference"]] == ["add"]
    paged: list[Any] = []
    token = ""
    while True:
        query = {"limit": "4", "continue": token}
        document = (await ready.client.get(f"{LAB}/history", params=query)).json()
        paged += document["items"]
        token = document["metadata"].get("continue", "")
        if not token:
            break
    assert paged == whole


async def test_there_is_no_history_of_what_never_was(api: Api) -> None:
    assert (await api.client.get(f"{LAB}/history")).status_code == 404


async def test_a_token_of_another_history_is_refused(ready: Api) -> None:
    first = (await ready.client.get(f"{LAB}/history?limit=1")).json()
    token = first["metadata"]["continue"]
    await ready.create("lab2")
    answer = await ready.client.get(f"{LABS}/lab2/history", params={"continue": token})
    assert answer.status_code == 400


async def test_the_log_is_plain_text_from_its_end(ready: Api) -> None:
    ready.runtimes.known["lab1"] = "one\ntwo\nthrée"
    answer = await ready.client.get(f"{LAB}/log?tailLines=2")
    assert answer.text == "two\nthrée"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert (await ready.client.get(f"{LAB}/log?tailLines=x")).status_code == 400


async def test_a_lab_without_a_runtime_has_no_log(ready: Api) -> None:
    answer = await ready.client.get(f"{LAB}/log")
    assert (answer.status_code, answer.json()["kind"]) == (404, "Status")
