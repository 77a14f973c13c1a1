"""OpenAPI for kubectl: validation, explain, and what old versions insist on."""

import re
from typing import Any

import pytest

from api.events.versions import NEW_FIELDS, OLD_FIELDS
from api.kubernetes.kinds import ALL_KINDS
from api.labs.given import KNOWN_FIELDS
from api.labs.schemas import metadata_schema, spec_schema
from api.objects.namespaces import NAMESPACE_OBJECTS
from tests.api.arrangement import SEED_SPEC, Api

LAB = "com.neuroglia.lab.v1.LabInstance"
V2 = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"


async def test_each_group_has_a_document_that_may_be_kept_for_ever(api: Api) -> None:
    paths = (await api.client.get("/openapi/v3")).json()["paths"]
    assert set(paths) == {kind.base.removeprefix("/") for kind in ALL_KINDS}
    for place in paths.values():
        answer = await api.client.get(place["serverRelativeURL"])
        assert answer.headers["cache-control"] == "public, immutable"
        again = await api.client.get(
            place["serverRelativeURL"], headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.status_code == 304


async def test_the_schema_of_labs_says_what_is_validated(api: Api) -> None:
    schema = (await _document(api))["components"]["schemas"][LAB]
    assert set(schema["properties"]["spec"]["properties"]) == set(SEED_SPEC)
    assert schema["x-kubernetes-group-version-kind"] == [
        {"group": "lab.neuroglia.com", "version": "v1", "kind": "LabInstance"}
    ]
    known = {*spec_schema()["properties"], *metadata_schema()["properties"]}
    assert known <= KNOWN_FIELDS


async def test_schemas_of_labs_hold_no_reference_and_no_null(api: Api) -> None:
    properties = (await _document(api))["components"]["schemas"][LAB]["properties"]
    told = str([properties["spec"], properties["status"]])
    assert "$ref" not in told
    assert "anyOf" not in told
    assert properties["status"]["x-kubernetes-preserve-unknown-fields"]


async def test_every_part_of_a_path_that_varies_is_a_parameter(api: Api) -> None:
    for path, told in (await _document(api))["paths"].items():
        assert [each["name"] for each in told["parameters"]] == re.findall(r"\{(\w+)\}", path)
        assert all(each["required"] for each in told["parameters"])


async def test_every_write_says_that_it_validates_fields(api: Api) -> None:
    document = await _document(api)
    item = "/apis/lab.neuroglia.com/v1/namespaces/{namespace}/labinstances/{name}"
    for method in ("put", "patch"):
        operation = document["paths"][item][method]
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert {"dryRun", "fieldManager", "fieldValidation"} <= names
        assert operation["x-kubernetes-group-version-kind"]["kind"] == "LabInstance"


async def test_the_scale_of_labs_is_described_and_says_that_it_is_one(api: Api) -> None:
    document = await _document(api)
    item = "/apis/lab.neuroglia.com/v1/namespaces/{namespace}/labinstances/{name}"
    assert set(document["paths"][f"{item}/scale"]) == {"parameters", "get", "put", "patch"}
    told = document["paths"][f"{item}/scale"]["put"]
    kind = {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    assert told["x-kubernetes-group-version-kind"] == kind
    schema = document["components"]["schemas"]["io.k8s.api.autoscaling.v1.Scale"]
    assert schema["x-kubernetes-group-version-kind"] == [kind]
    replicas = schema["properties"]["spec"]["properties"]["replicas"]
    assert (replicas["type"], replicas["minimum"], replicas["maximum"]) == ("integer", 1, 1)
    told = document["paths"][f"{item}/status"]["patch"]
    assert told["x-kubernetes-group-version-kind"]["kind"] == "LabInstance"


async def test_every_operation_has_a_name_of_its_own(api: Api) -> None:
    for place in (await api.client.get("/openapi/v3")).json()["paths"].values():
        paths = (await api.client.get(place["serverRelativeURL"])).json()["paths"]
        operations = [told for path in paths.values() for told in path.values()]
        ids = [told["operationId"] for told in operations if isinstance(told, dict)]
        assert len(ids) == len(set(ids))


async def test_built_in_kinds_are_explained_by_the_fields_that_are_read(api: Api) -> None:
    document = (await api.client.get("/openapi/v3/apis/authorization.k8s.io/v1")).json()
    schema = document["components"]["schemas"][
        "io.k8s.api.authorization.v1.SelfSubjectAccessReview"
    ]
    spec = schema["properties"]["spec"]["properties"]
    assert spec["resourceAttributes"]["properties"]["verb"] == {"type": "string"}
    event = (await api.client.get("/openapi/v3/api/v1")).json()["components"]["schemas"]
    told = event["io.k8s.api.core.v1.Event"]["properties"]
    assert told["involvedObject"]["properties"]["name"] == {"type": "string"}
    assert "allOf" in told["metadata"]


async def test_old_clients_get_a_stub_in_the_form_they_insist_on(api: Api) -> None:
    answer = await api.client.get("/openapi/v2", headers={"Accept": V2})
    assert answer.headers["content-type"] == (
        "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
    )
    assert answer.content.startswith(b"\x0a\x032.0")
    assert (await api.client.get("/openapi/v2")).json()["swagger"] == "2.0"


async def _document(api: Api) -> dict[str, Any]:
    document: dict[str, Any] = (
        await api.client.get("/openapi/v3/apis/lab.neuroglia.com/v1")
    ).json()
    return document


@pytest.mark.parametrize(
    ("place", "name", "written"),
    [
        ("api/v1", "io.k8s.api.core.v1.Namespace", NAMESPACE_OBJECTS.written),
        ("api/v1", "io.k8s.api.core.v1.Event", OLD_FIELDS),
        ("apis/events.k8s.io/v1", "io.k8s.api.events.v1.Event", NEW_FIELDS),
        ("apis/coordination.k8s.io/v1", "io.k8s.api.coordination.v1.Lease", {"spec"}),
    ],
)
async def test_every_field_of_an_object_that_can_be_written_is_explained(
    api: Api, place: str, name: str, written: set[str]
) -> None:
    document = (await api.client.get(f"/openapi/v3/{place}")).json()
    schema = document["components"]["schemas"][name]
    assert set(schema["properties"]) == written | {"apiVersion", "kind", "metadata"}
