"""The definition of labs, as clients of custom resources read it."""

import pytest

from api.labs.presenter import LabPresenter
from api.labs.schemas import metadata_schema, spec_schema, status_schema
from tests.api.arrangement import Api
from tests.api.kubernetes.test_tables import TABLE
from tests.api.watcher import watching

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
NAME = "labinstances.lab.neuroglia.com"


async def test_labs_are_defined_as_they_are_validated(api: Api) -> None:
    told = (await api.client.get(f"{DEFINITIONS}/{NAME}")).json()
    (version,) = told["spec"]["versions"]
    properties = version["schema"]["openAPIV3Schema"]["properties"]
    assert properties["spec"] == spec_schema()
    assert properties["status"] == status_schema()
    assert version["subresources"] == {"status": {}}
    assert told["spec"]["names"]["shortNames"] == ["lab", "labs"]
    assert {each["type"]: each["status"] for each in told["status"]["conditions"]} == {
        "Established": "True",
        "NamesAccepted": "True",
    }


async def test_the_columns_are_those_of_the_table(api: Api) -> None:
    told = (await api.client.get(f"{DEFINITIONS}/{NAME}")).json()
    columns = told["spec"]["versions"][0]["additionalPrinterColumns"]
    assert [each["name"] for each in columns] == [
        column.name for column in LabPresenter.columns if column.name != "Name"
    ]
    known = {
        *(f".metadata.{name}" for name in metadata_schema()["properties"]),
        *(f".spec.{name}" for name in spec_schema()["properties"]),
        *(f".status.{name}" for name in status_schema()["properties"]),
    }
    assert {each["jsonPath"].split("[")[0] for each in columns} <= known


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1),
        (f"?fieldSelector=metadata.name={NAME}", 1),
        ("?fieldSelector=metadata.name=others.example.com", 0),
        ("?labelSelector=course", 0),
    ],
)
async def test_there_is_one_definition(api: Api, query: str, count: int) -> None:
    told = (await api.client.get(DEFINITIONS + query)).json()
    assert (told["kind"], len(told["items"])) == ("CustomResourceDefinitionList", count)
    assert int(told["metadata"]["resourceVersion"]) > 0


async def test_the_definition_is_printed_in_columns(api: Api) -> None:
    table = (await api.client.get(DEFINITIONS, headers={"Accept": TABLE})).json()
    assert table["rows"][0]["cells"][0] == NAME


async def test_a_watch_tells_of_it_and_then_nothing(api: Api) -> None:
    async with watching(api, path=DEFINITIONS) as watcher:
        assert await watcher.told(1) == [("ADDED", NAME)]
        await api.create("a")
        await api.settled()
        assert watcher.nothing_more()
        api.inner.feed.close()
        await watcher.ended.wait()


async def test_a_watch_list_ends_with_its_mark(api: Api) -> None:
    query = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with watching(api, query, path=DEFINITIONS) as watcher:
        _, mark = [await watcher.next() for _ in range(2)]
    assert (mark["type"], mark["object"]["kind"]) == ("BOOKMARK", "CustomResourceDefinition")


async def test_other_definitions_are_not_found_and_none_is_written(api: Api) -> None:
    missing = await api.client.get(f"{DEFINITIONS}/others.example.com")
    assert (missing.status_code, missing.json()["reason"]) == (404, "NotFound")
    assert (await api.client.delete(f"{DEFINITIONS}/{NAME}")).status_code == 405
