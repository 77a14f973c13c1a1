"""Discovery, in both of its ways, and what is asked before it."""

import pytest

from api.kubernetes.kinds import ALL_KINDS
from tests.api.arrangement import Api

AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)
ONLY_BETA = "application/json;as=APIGroupDiscoveryList;v=v2beta1;g=apidiscovery.k8s.io"


async def test_every_kind_is_found_by_the_legacy_way(api: Api) -> None:
    groups = (await api.client.get("/apis")).json()["groups"]
    versions = [
        "/api/v1",
        *(f"/apis/{version['groupVersion']}" for each in groups for version in each["versions"]),
    ]
    found = [
        (version, row["name"])
        for version in versions
        for row in (await api.client.get(version)).json()["resources"]
        if "/" not in row["name"]
    ]
    assert sorted(found) == sorted((kind.base, kind.plural) for kind in ALL_KINDS)


async def test_every_kind_is_found_in_the_aggregated_way(api: Api) -> None:
    found = []
    for path in ("/api", "/apis"):
        answer = await api.client.get(path, headers={"Accept": AGGREGATED})
        assert answer.headers["content-type"] == (
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        )
        for group in answer.json()["items"]:
            found += [
                (group["metadata"].get("name", ""), version["version"], resource["resource"])
                for version in group["versions"]
                for resource in version["resources"]
            ]
    assert sorted(found) == sorted((kind.group, kind.version, kind.plural) for kind in ALL_KINDS)


@pytest.mark.parametrize("accept", ["*/*", f"{ONLY_BETA},application/json", f"*/*,{AGGREGATED}"])
async def test_clients_that_do_not_prefer_the_aggregated_form_get_the_legacy_one(
    api: Api, accept: str
) -> None:
    answer = await api.client.get("/apis", headers={"Accept": accept})
    assert answer.json()["kind"] == "APIGroupList"
    assert answer.headers["content-type"] == "application/json"


async def test_the_status_of_labs_can_be_discovered(api: Api) -> None:
    answer = await api.client.get("/apis/lab.neuroglia.com/v1")
    rows = {row["name"]: row for row in answer.json()["resources"]}
    assert rows["labinstances/status"]["verbs"] == ["get", "patch", "update"]
    assert rows["labinstances"]["shortNames"] == ["lab", "labs"]


async def test_a_group_tells_its_versions(api: Api) -> None:
    answer = (await api.client.get("/apis/lab.neuroglia.com")).json()
    assert answer["kind"] == "APIGroup"
    assert answer["preferredVersion"]["groupVersion"] == "lab.neuroglia.com/v1"


@pytest.mark.parametrize("path", ["/version/", "/api/", "/apis/", "/api/v1/", "/healthz"])
async def test_slashes_at_the_end_change_nothing(api: Api, path: str) -> None:
    assert (await api.client.get(path)).status_code == 200


async def test_groups_that_are_not_served_are_not_found_as_a_status(api: Api) -> None:
    answer = await api.client.get("/apis/apps/v1")
    assert (answer.status_code, answer.json()["reason"]) == (404, "NotFound")
    assert answer.json()["message"] == "the server could not find the requested resource"
