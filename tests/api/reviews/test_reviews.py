"""Reviews: who somebody is here, and what they may do."""

from typing import Any

import pytest

from api.kubernetes.kinds import ALL_KINDS
from tests.api.arrangement import SECRET, Api
from tests.api.kubernetes.protobuf_writer import PROTOBUF, enveloped, field

ACCESS = "/apis/authorization.k8s.io/v1"
WHO = "/apis/authentication.k8s.io/v1"
LABS = {"group": "lab.neuroglia.com", "resource": "labinstances"}


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ({**LABS, "verb": "create"}, True),
        ({**LABS, "verb": "*"}, True),
        ({**LABS, "verb": "create", "subresource": "extend"}, True),
        ({**LABS, "verb": "delete", "subresource": "extend"}, False),
        ({**LABS, "verb": "patch", "subresource": "scale"}, True),
        ({**LABS, "verb": "create", "subresource": "scale"}, False),
        ({**LABS, "verb": "approve"}, False),
        ({**LABS, "verb": "get", "version": "v2"}, False),
        ({"group": "", "resource": "pods", "verb": "get"}, False),
        ({"group": "*", "resource": "*", "verb": "*"}, True),
    ],
)
async def test_the_administrator_may_do_what_is_served(
    api: Api, asked: dict[str, str], allowed: bool
) -> None:
    told = await _created(
        api, f"{ACCESS}/selfsubjectaccessreviews", spec={"resourceAttributes": asked}
    )
    assert told["status"]["allowed"] is allowed
    assert told["status"]["reason"]
    assert told["spec"] == {"resourceAttributes": asked}


@pytest.mark.parametrize(
    ("path", "verb", "allowed"),
    [
        ("/version", "get", True),
        ("/openapi/v3/apis", "get", True),
        ("/logs", "get", False),
        ("/version", "post", False),
    ],
)
async def test_paths_can_be_asked_about_too(api: Api, path: str, verb: str, allowed: bool) -> None:
    spec = {"nonResourceAttributes": {"path": path, "verb": verb}}
    told = await _created(api, f"{ACCESS}/selfsubjectaccessreviews", spec=spec)
    assert told["status"]["allowed"] is allowed


async def test_every_discovered_kind_may_be_used(api: Api) -> None:
    told = await _created(api, f"{ACCESS}/selfsubjectrulesreviews", spec={"namespace": "default"})
    rules = told["status"]["resourceRules"]
    assert {(rule["apiGroups"][0], rule["resources"][0]) for rule in rules} >= {
        (kind.group, kind.plural) for kind in ALL_KINDS
    }
    assert told["status"]["incomplete"] is False


async def test_a_review_may_come_as_protobuf(api: Api) -> None:
    asked = field(2, "create") + field(3, LABS["group"]) + field(5, LABS["resource"])
    body = enveloped(
        "authorization.k8s.io/v1", "SelfSubjectAccessReview", field(2, field(1, asked))
    )
    answer = await api.client.post(
        f"{ACCESS}/selfsubjectaccessreviews", content=body, headers=PROTOBUF
    )
    assert (answer.status_code, answer.json()["status"]["allowed"]) == (201, True)


@pytest.mark.parametrize("spec", [{}, {"resourceAttributes": {}, "nonResourceAttributes": {}}])
async def test_a_review_asks_one_thing(api: Api, spec: dict[str, Any]) -> None:
    answer = await api.client.post(
        f"{ACCESS}/selfsubjectaccessreviews", json=_review("SelfSubjectAccessReview", spec)
    )
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid")
    assert answer.json()["details"]["kind"] == "SelfSubjectAccessReview"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"kind": "Pod"},
        {"spec": "text"},
        {"spec": {"resourceAttributes": {"verb": 7}}},
        {"apiVersion": "v1", "kind": "SelfSubjectAccessReview"},
    ],
)
async def test_a_body_that_is_no_review_is_refused(api: Api, body: Any) -> None:
    answer = await api.client.post(f"{ACCESS}/selfsubjectaccessreviews", json=body)
    assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize(("user", "allowed"), [("admin", True), ("bob", False)])
async def test_there_is_one_user(api: Api, user: str, allowed: bool) -> None:
    asked = {**LABS, "verb": "get", "namespace": "default"}
    spec = {"user": user, "resourceAttributes": asked}
    for path in ("subjectaccessreviews", "namespaces/default/localsubjectaccessreviews"):
        told = await _created(api, f"{ACCESS}/{path}", spec=spec)
        assert told["status"]["allowed"] is allowed


async def test_a_local_review_is_about_its_own_namespace(api: Api) -> None:
    spec = {"user": "admin", "resourceAttributes": {**LABS, "verb": "get", "namespace": "b"}}
    path = f"{ACCESS}/namespaces/a/localsubjectaccessreviews"
    assert (await api.client.post(path, json={"spec": spec})).status_code == 400


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
async def test_the_user_of_a_self_review_is_the_administrator(api: Api, version: str) -> None:
    path = f"/apis/authentication.k8s.io/{version}/selfsubjectreviews"
    told = await _created(api, path)
    assert told["apiVersion"] == f"authentication.k8s.io/{version}"
    assert told["status"]["userInfo"]["username"] == "admin"


@pytest.mark.parametrize(("token", "known"), [(SECRET, True), ("another", False)])
async def test_a_token_is_known_or_not_and_never_repeated(
    api: Api, token: str, known: bool
) -> None:
    answer = await api.client.post(f"{WHO}/tokenreviews", json={"spec": {"token": token}})
    told = answer.json()
    assert told["status"]["authenticated"] is known
    assert told["status"].get("user", {}).get("username") == ("admin" if known else None)
    assert token not in answer.text


async def test_reviews_are_not_kept(api: Api) -> None:
    answer = await api.client.get(f"{WHO}/tokenreviews")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def _review(kind: str, spec: Any) -> dict[str, Any]:
    return {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}


async def _created(api: Api, path: str, spec: Any = None) -> dict[str, Any]:
    answer = await api.client.post(path, json={"spec": spec} if spec else {})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told
