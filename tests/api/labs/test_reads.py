"""GET of labs and lists: selection, pages, the past."""

from datetime import timedelta

import pytest

from tests.api.arrangement import BASE, LABS, Api, manifest


async def names(api: Api, query: str = "", path: str = LABS) -> list[str]:
    answer = await api.client.get(f"{path}{query}")
    assert answer.status_code == 200, answer.text
    return [item["metadata"]["name"] for item in answer.json()["items"]]


async def refusal(api: Api, query: str) -> tuple[int, str]:
    answer = await api.client.get(f"{LABS}{query}")
    assert answer.json()["kind"] == "Status"
    return answer.status_code, answer.json()["message"]


async def test_a_list_is_sorted_and_complete_and_carries_its_version(three: Api) -> None:
    document = (await three.client.get(LABS)).json()
    assert document["kind"] == "LabInstanceList"
    assert document["apiVersion"] == "lab.neuroglia.com/v1"
    assert document["metadata"] == {"resourceVersion": str(await three.head())}
    assert [item["metadata"]["name"] for item in document["items"]] == ["a", "b", "c"]
    assert {item["kind"] for item in document["items"]} == {"LabInstance"}


async def test_an_empty_list_has_items(api: Api) -> None:
    assert (await api.client.get(LABS)).json()["items"] == []


async def test_all_namespaces_are_listed_by_namespace_and_name(three: Api) -> None:
    other = f"{BASE}/namespaces/aaa/labinstances"
    await three.declare_namespace("aaa")
    await three.client.post(other, json=manifest("z"))
    assert await names(three, path=f"{BASE}/labinstances") == ["z", "a", "b", "c"]
    assert await names(three, path=other) == ["z"]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("course=python", ["a", "c"]),
        ("course==python", ["a", "c"]),
        ("course!=python", ["b"]),
        ("tier!=gold", ["a", "b"]),
        ("course in (python, go)", ["a", "b", "c"]),
        ("course notin (go)", ["a", "c"]),
        ("tier", ["c"]),
        ("!tier", ["a", "b"]),
        ("course=python,!tier", ["a"]),
        ("tier in ()", []),
        (" course = python , tier ", ["c"]),
        ("", ["a", "b", "c"]),
    ],
)
async def test_labels_select(three: Api, selector: str, expected: list[str]) -> None:
    answer = await three.client.get(LABS, params={"labelSelector": selector})
    assert [item["metadata"]["name"] for item in answer.json()["items"]] == expected


@pytest.mark.parametrize(
    "selector",
    ["=x", "a=b=c", "a in b", "a in (b", "a in (b c)", "a b", "a,,b", "a,", "!", "a=@", "-a",
     "a>1", "a notin", "a in (", "(", "a=(", "x" * 64, "a," * 2000],
)  # fmt: skip
async def test_a_label_selector_that_cannot_be_read_is_a_bad_request(
    api: Api, selector: str
) -> None:
    answer = await api.client.get(LABS, params={"labelSelector": selector})
    assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")
    assert answer.json()["message"].startswith("unable to parse requirement: ")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("metadata.name=b", ["b"]),
        ("metadata.name=b,metadata.name=b", ["b"]),
        ("metadata.name!=b", ["a", "c"]),
        ("metadata.namespace=other", []),
        ("status.state==ready", ["a"]),
        ("spec.template=python-basics,status.state=pending", ["b", "c"]),
        ("spec.studentEmail=student@example.com", ["a", "b", "c"]),
        ("metadata.name=a\\,b", []),
        ("", ["a", "b", "c"]),
    ],
)
async def test_fields_select(three: Api, selector: str, expected: list[str]) -> None:
    answer = await three.client.get(LABS, params={"fieldSelector": selector})
    assert [item["metadata"]["name"] for item in answer.json()["items"]] == expected


async def test_a_field_that_nobody_can_select_by_is_a_bad_request(api: Api) -> None:
    assert await refusal(api, "?fieldSelector=spec.foo=1") == (
        400,
        "field label not supported: spec.foo",
    )


@pytest.mark.parametrize("selector", ["metadata.name", "a\\=b", "metadata.name=\\x", "x=y=z"])
async def test_a_field_selector_that_cannot_be_read_is_a_bad_request(
    api: Api, selector: str
) -> None:
    answer = await api.client.get(LABS, params={"fieldSelector": selector})
    assert answer.status_code == 400


@pytest.mark.parametrize("query", ["labelSelector=a={}", "labelSelector={}", "fieldSelector={}=a"])
async def test_a_selector_that_holds_an_address_is_not_repeated(api: Api, query: str) -> None:
    answer = await api.client.get(f"{LABS}?{query.format('student@example.com')}")
    assert answer.status_code == 400
    assert "student" not in answer.text


async def test_the_past_is_told_exactly(api: Api) -> None:
    created = await api.create("lab1")
    await api.make_ready("lab1")
    await api.create("lab2")
    query = f"?resourceVersionMatch=Exact&resourceVersion={created['metadata']['resourceVersion']}"
    assert (await api.client.get(f"{LABS}/lab1{query}")).json() == created
    assert await names(api, query) == ["lab1"]
    assert (await api.client.get(f"{LABS}/lab2{query}")).status_code == 404


async def test_the_past_can_be_named_by_its_time(api: Api) -> None:
    await api.create("lab1")
    moment = api.inner.clock.now() + timedelta(seconds=30)
    api.inner.clock.pass_(60)
    await api.make_ready("lab1")
    query = {"asOf": moment.isoformat()}
    lab = (await api.client.get(f"{LABS}/lab1", params=query)).json()
    assert lab["status"]["state"] == "pending"
    listed = (await api.client.get(LABS, params=query)).json()["items"]
    assert listed == [lab]


@pytest.mark.parametrize("time", ["yesterday", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "1"])
async def test_a_time_without_zone_or_sense_is_a_bad_request(api: Api, time: str) -> None:
    assert (await refusal(api, f"?asOf={time}"))[0] == 400


async def test_a_version_of_the_future_times_out(api: Api) -> None:
    answer = await api.client.get(f"{LABS}?resourceVersion=999")
    assert (answer.status_code, answer.json()["reason"]) == (504, "Timeout")
    assert answer.json()["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"
    exact = await api.client.get(f"{LABS}/x?resourceVersion=999&resourceVersionMatch=Exact")
    assert exact.status_code == 504


@pytest.mark.parametrize(
    "query",
    [
        "?resourceVersionMatch=Exact",
        "?resourceVersionMatch=Roughly&resourceVersion=1",
        "?resourceVersionMatch=Exact&resourceVersion=0",
        "?sendInitialEvents=true",
        "?asOf=2026-01-01T00:00:00Z&resourceVersion=1",
    ],
)
async def test_options_that_contradict_each_other_are_invalid(api: Api, query: str) -> None:
    answer = await api.client.get(f"{LABS}{query}")
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid")
    assert answer.json()["details"]["kind"] == "ListOptions"


async def test_unknown_parameters_are_ignored(three: Api) -> None:
    assert await names(three, "?pretty=true&timeout=32s&resourceVersion=0") == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["absent", "Not%20A%20Name", "a%00b", "%ff", "a" * 300])
async def test_labs_that_do_not_exist_are_not_found(api: Api, name: str) -> None:
    answer = await api.client.get(f"{LABS}/{name}")
    assert (answer.status_code, answer.json()["reason"]) == (404, "NotFound")
