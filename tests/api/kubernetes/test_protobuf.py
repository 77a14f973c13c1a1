"""Bodies in protobuf: what clients send is read, and nothing else harms."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.http.refusals import BadRequest
from api.kubernetes.protobuf import decode
from api.kubernetes.protobuf_kinds import MESSAGES
from tests.api.arrangement import LABS, Api
from tests.api.kubernetes.protobuf_writer import PROTOBUF, enveloped, field, varint

ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def test_a_namespace_is_read_with_its_metadata() -> None:
    meta = (
        field(1, "lab-a")
        + field(2, "")
        + field(8, b"")
        + field(11, field(1, "course") + field(2, "python"))
        + field(12, field(1, "empty"))
        + field(14, "one")
        + field(14, "two")
    )
    body = enveloped("v1", "Namespace", field(1, meta), field(2, b""), field(3, b""))
    assert decode(body) == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": "lab-a",
            "labels": {"course": "python"},
            "annotations": {"empty": ""},
            "finalizers": ["one", "two"],
        },
    }


def test_an_access_review_is_read() -> None:
    asked = field(1, "default") + field(2, "create") + field(3, "g") + field(5, "labs")
    spec = field(1, asked) + field(5, field(1, "x") + field(2, field(1, "a") + field(1, "b")))
    told = decode(enveloped("authorization.k8s.io/v1", "SubjectAccessReview", field(2, spec)))
    assert told["spec"] == {
        "resourceAttributes": {
            "namespace": "default",
            "verb": "create",
            "group": "g",
            "resource": "labs",
        },
        "extra": {"x": ["a", "b"]},
    }


def test_options_of_a_delete_are_read_under_any_version() -> None:
    body = enveloped("some.group/v7", "DeleteOptions", field(1, 0), field(3, 1), field(5, "All"))
    assert decode(body) == {
        "apiVersion": "some.group/v7",
        "kind": "DeleteOptions",
        "gracePeriodSeconds": 0,
        "orphanDependents": True,
        "dryRun": ["All"],
    }


def test_times_and_negative_numbers_are_read() -> None:
    lease = field(2, -1) + field(3, field(1, 1_700_000_000) + field(2, 5_000_000))
    told = decode(enveloped("coordination.k8s.io/v1", "Lease", field(2, lease)))
    assert told["spec"] == {
        "leaseDurationSeconds": -1,
        "acquireTime": "2023-11-14T22:13:20.005000Z",
    }


def test_fields_of_newer_clients_are_passed_over() -> None:
    newer = field(99, "text") + varint(98 << 3 | 1) + bytes(8) + varint(97 << 3 | 5) + bytes(4)
    told = decode(enveloped("v1", "Namespace", field(1, field(1, "a") + newer), newer))
    assert told["metadata"] == {"name": "a"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"k8s",
        b'{"kind": "Namespace"}',
        b"k8s\0",
        b"k8s\0\xff",
        enveloped("v1", "Pod"),
        enveloped("v1", "Namespace", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        enveloped("v1", "Namespace", b"\x0a\x05ab"),
        enveloped("v1", "Namespace", b"\x0b"),
        enveloped("v1", "Namespace", b"\x02\x00"),
        enveloped("v1", "Namespace", b"\x80" * 11),
        enveloped("v1", "Namespace", field(1, 7)),
        enveloped("v1", "Namespace", field(1, field(1, b"\xff"))),
        enveloped("v1", "Namespace", field(1, field(8, field(1, 2**63 - 1)))),
        enveloped("v1", "DeleteOptions", field(1, "text")),
    ],
)
async def test_unreadable_protobuf_is_the_clients_mistake(api: Api, body: bytes) -> None:
    answer = await api.client.post(ACCESS_REVIEWS, content=body, headers=PROTOBUF)
    assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(MESSAGES)))
def test_arbitrary_bytes_as_protobuf_do_no_harm(raw: bytes, kind: tuple[str, str]) -> None:
    for body in (raw, b"k8s\0" + raw, enveloped(*kind, raw), enveloped(*kind, field(1, raw))):
        with contextlib.suppress(BadRequest):
            assert decode(body)["kind"] is not None


async def test_a_body_that_would_hold_up_others_is_too_large(api: Api) -> None:
    body = enveloped("v1", "Namespace", field(1, field(11, b"") * 150_000))
    answer = await api.client.post(ACCESS_REVIEWS, content=body, headers=PROTOBUF)
    assert (answer.status_code, answer.json()["reason"]) == (413, "RequestEntityTooLarge")


async def test_labs_are_not_read_from_protobuf(api: Api) -> None:
    answer = await api.client.post(LABS, content=enveloped("v1", "Namespace"), headers=PROTOBUF)
    assert answer.status_code == 415


async def test_the_options_of_a_delete_may_come_so_for_labs_too(three: Api) -> None:
    uid = field(2, field(1, "another"))
    body = enveloped("v1", "DeleteOptions", uid)
    answer = await three.client.request("DELETE", f"{LABS}/a", content=body, headers=PROTOBUF)
    assert (answer.status_code, answer.json()["reason"]) == (409, "Conflict")


async def test_other_types_are_refused_by_naming_those_that_are_read(api: Api) -> None:
    answer = await api.client.post(
        ACCESS_REVIEWS, content=b"{}", headers={"Content-Type": "application/cbor"}
    )
    assert answer.status_code == 415
    assert answer.json()["message"].endswith(PROTOBUF["Content-Type"])
