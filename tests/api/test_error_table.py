"""Every error type and the Status document that it becomes, row by row."""

from typing import Any

import msgspec
import pytest

from api.errors.error_table import answer_to, expired, internal_error
from api.http.refusals import (
    BadRequest,
    BodyTooLarge,
    InvalidInput,
    InvalidOptions,
    MethodNotAllowed,
    Unauthenticated,
    UnknownFields,
    UnknownPath,
    UnsupportedBody,
)
from application.commands.repeats import RepeatedDifferently
from application.mediator.questions import ResourceVersionTooLarge
from application.ports.event_store import (
    AppendTooLarge,
    EventStoreUnavailable,
    StreamConflict,
)
from application.ports.provisioner import ProvisionerUnavailable, RuntimeNotFound
from application.ports.read_model import ReadModelUnavailable
from domain.errors import (
    FaultReason,
    FieldFault,
    IllegalTransition,
    InvalidLabInstance,
    LabInstanceAlreadyExists,
    LabInstanceNotFound,
    PreconditionFailed,
)
from domain.lab_instance.key import LabKey

R = "labinstances.lab.neuroglia.com"
FULFILLED = f'Operation cannot be fulfilled on {R} "lab1": '
MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
FAULT = FieldFault(field="spec.duration", reason=FaultReason.INVALID, message='"x": no')
OTHER = FieldFault(field="spec.template", reason=FaultReason.REQUIRED, message="say one")


@pytest.mark.parametrize(
    ("error", "code", "reason", "message"),
    [
        (Unauthenticated(), 401, "Unauthorized", "Unauthorized"),
        (BadRequest("what?"), 400, "BadRequest", "what?"),
        (
            UnknownFields("LabInstance", ["spec.foo", "bar"]),
            400,
            "BadRequest",
            'LabInstance in version "v1" cannot be handled as a LabInstance: strict decoding '
            'error: unknown field "spec.foo", unknown field "bar"',
        ),
        (
            RepeatedDifferently("lab1"),
            422,
            "Invalid",
            "the Idempotency-Key was used before, to create 'lab1' with another body; "
            "send the same body, or use another key",
        ),
        (UnknownPath(), 404, "NotFound", "the server could not find the requested resource"),
        (
            MethodNotAllowed(["GET"]),
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        ),
        (
            BodyTooLarge(9),
            413,
            "RequestEntityTooLarge",
            "Request entity too large: limit is 9",
        ),
        (
            UnsupportedBody(["application/merge-patch+json"]),
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: "
            "application/merge-patch+json",
        ),
        (
            InvalidOptions("ListOptions", [FAULT]),
            422,
            "Invalid",
            'ListOptions.meta.k8s.io "" is invalid: spec.duration: Invalid value: "x": no',
        ),
        (
            InvalidInput(group="autoscaling", kind="Scale", name="lab1", faults=[FAULT]),
            422,
            "Invalid",
            'Scale.autoscaling "lab1" is invalid: spec.duration: Invalid value: "x": no',
        ),
        (
            InvalidLabInstance("lab1", [FAULT]),
            422,
            "Invalid",
            'LabInstance.lab.neuroglia.com "lab1" is invalid: '
            'spec.duration: Invalid value: "x": no',
        ),
        (
            InvalidLabInstance("lab1", [FAULT, OTHER]),
            422,
            "Invalid",
            'LabInstance.lab.neuroglia.com "lab1" is invalid: '
            '[spec.duration: Invalid value: "x": no, spec.template: Required value: say one]',
        ),
        (LabInstanceNotFound("default", "lab1"), 404, "NotFound", f'{R} "lab1" not found'),
        (
            LabInstanceAlreadyExists("default", "lab1"),
            409,
            "AlreadyExists",
            f'{R} "lab1" already exists',
        ),
        (
            IllegalTransition("lab1", "ready", "retry", ["failed"]),
            409,
            "Conflict",
            f"{FULFILLED}cannot retry lab instance 'lab1' while it is ready; "
            "this is possible while it is failed",
        ),
        (
            PreconditionFailed(
                LabKey("default", "lab1"), what="resourceVersion", expected="1", actual="2"
            ),
            409,
            "Conflict",
            f"{FULFILLED}{MODIFIED}",
        ),
        (
            PreconditionFailed(LabKey("default", "lab1"), what="uid", expected="a", actual="b"),
            409,
            "Conflict",
            f"{FULFILLED}Precondition failed: UID in precondition: a, UID in object meta: b",
        ),
        (
            StreamConflict("labinstance-default/lab1", 1, 2),
            409,
            "Conflict",
            f"{FULFILLED}{MODIFIED}",
        ),
        (
            ResourceVersionTooLarge(9, 3),
            504,
            "Timeout",
            "Too large resource version: 9, current: 3",
        ),
        (RuntimeNotFound("u1"), 404, "NotFound", "no runtime of lab uid 'u1'"),
        (
            ProvisionerUnavailable("gone"),
            503,
            "ServiceUnavailable",
            "the provisioner is unavailable: gone",
        ),
        (
            AppendTooLarge(1024),
            413,
            "RequestEntityTooLarge",
            "the event store takes at most 1,024 bytes at once, or less if it is set so",
        ),
        (
            EventStoreUnavailable("full"),
            503,
            "ServiceUnavailable",
            "the event store is unavailable: full",
        ),
        (
            ReadModelUnavailable("gone"),
            503,
            "ServiceUnavailable",
            "the read model is unavailable: gone",
        ),
    ],
)
def test_the_row(error: Exception, code: int, reason: str, message: str) -> None:
    told = document(error)
    assert (told["code"], told["reason"], told["message"]) == (code, reason, message)
    assert (told["kind"], told["apiVersion"]) == ("Status", "v1")
    assert (told["status"], told["metadata"]) == ("Failure", {})


def test_details_name_the_plural_resource_where_the_lab_is_missing_taken_or_changed() -> None:
    details = {"name": "lab1", "group": "lab.neuroglia.com", "kind": "labinstances"}
    assert document(LabInstanceNotFound("default", "lab1"))["details"] == details
    assert document(LabInstanceAlreadyExists("default", "lab1"))["details"] == details
    assert (
        document(
            PreconditionFailed(LabKey("default", "lab1"), what="uid", expected="a", actual="b")
        )["details"]
        == details
    )


def test_details_name_the_kind_and_one_cause_for_each_fault_where_the_lab_is_invalid() -> None:
    assert document(InvalidLabInstance("lab1", [FAULT, OTHER]))["details"] == {
        "name": "lab1",
        "group": "lab.neuroglia.com",
        "kind": "LabInstance",
        "causes": [
            {
                "reason": "FieldValueInvalid",
                "message": 'Invalid value: "x": no',
                "field": "spec.duration",
            },
            {
                "reason": "FieldValueRequired",
                "message": "Required value: say one",
                "field": "spec.template",
            },
        ],
    }


def test_a_version_of_the_future_is_told_in_the_words_that_clients_key_on() -> None:
    (cause,) = document(ResourceVersionTooLarge(9, 3))["details"]["causes"]
    assert cause["reason"] == "ResourceVersionTooLarge"
    assert cause["message"] == "Too large resource version"


@pytest.mark.parametrize(
    "error",
    [
        EventStoreUnavailable("x"),
        ReadModelUnavailable("x"),
        ProvisionerUnavailable("x"),
        ResourceVersionTooLarge(9, 3),
    ],
)
def test_what_may_pass_says_when_to_try_again(error: Exception) -> None:
    answer = answer_to(error)
    assert answer is not None
    assert answer.headers == {"Retry-After": "1"}
    assert answer.status.details is not None
    assert answer.status.details.retry_after_seconds == 1


def test_an_unexpected_error_has_no_row_and_reveals_nothing() -> None:
    assert answer_to(RuntimeError("secret")) is None
    status = internal_error().status
    assert (status.code, status.reason) == (500, "InternalError")


def test_a_watch_too_old_is_told_as_kubernetes_tells_it() -> None:
    status = expired(1, 111)
    assert (status.code, status.reason) == (410, "Expired")
    assert status.message == "too old resource version: 1 (111)"


def document(error: Exception) -> Any:
    answer = answer_to(error)
    assert answer is not None
    return msgspec.json.decode(msgspec.json.encode(answer.status))
