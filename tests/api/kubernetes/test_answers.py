"""What is refused of documents, and the Status document that it becomes."""

import pytest

from api.errors.error_table import answer_to
from application.ports.event_store import StreamConflict
from domain.api_object.errors import (
    ApiObjectAlreadyExists,
    ApiObjectNotFound,
    InvalidApiObject,
    NamespaceTerminating,
    ProtectedApiObject,
)
from domain.api_object.key import ApiObjectKey, ApiObjectKind, namespace_key
from domain.errors import FaultReason, FieldFault, PreconditionFailed

LEASE = ApiObjectKey(kind=ApiObjectKind.LEASE, namespace="course", name="leader")
R = "leases.coordination.k8s.io"
MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
FAULT = FieldFault(field="spec.x", reason=FaultReason.INVALID, message="no")
GOES = "unable to create new content in namespace course because it is being terminated"


@pytest.mark.parametrize(
    ("error", "code", "reason", "message"),
    [
        (ApiObjectNotFound(LEASE), 404, "NotFound", f'{R} "leader" not found'),
        (ApiObjectNotFound(namespace_key("a")), 404, "NotFound", 'namespaces "a" not found'),
        (ApiObjectAlreadyExists(LEASE), 409, "AlreadyExists", f'{R} "leader" already exists'),
        (
            ProtectedApiObject(namespace_key("default")),
            403,
            "Forbidden",
            'namespaces "default" is forbidden: this namespace may not be deleted',
        ),
        (
            PreconditionFailed(LEASE, what="resourceVersion", expected="1", actual="2"),
            409,
            "Conflict",
            f'Operation cannot be fulfilled on {R} "leader": {MODIFIED}',
        ),
        (
            PreconditionFailed(LEASE, what="uid", expected="a", actual="b"),
            409,
            "Conflict",
            f'Operation cannot be fulfilled on {R} "leader": Precondition failed: '
            "UID in precondition: a, UID in object meta: b",
        ),
        (
            StreamConflict("lablease-course/leader", 1, 2),
            409,
            "Conflict",
            f'Operation cannot be fulfilled on {R} "leader": {MODIFIED}',
        ),
        (
            InvalidApiObject(LEASE, [FAULT]),
            422,
            "Invalid",
            'Lease.coordination.k8s.io "leader" is invalid: spec.x: Invalid value: no',
        ),
        (
            InvalidApiObject(namespace_key("A"), [FAULT]),
            422,
            "Invalid",
            'Namespace "A" is invalid: spec.x: Invalid value: no',
        ),
        (
            NamespaceTerminating(None, namespace="course", name="ann"),
            403,
            "Forbidden",
            f'labinstances.lab.neuroglia.com "ann" is forbidden: {GOES}',
        ),
        (
            NamespaceTerminating(LEASE, namespace="course", name="leader"),
            403,
            "Forbidden",
            f'{R} "leader" is forbidden: {GOES}',
        ),
    ],
)
def test_each_refusal_is_told_as_kubernetes_tells_it(
    error: Exception, code: int, reason: str, message: str
) -> None:
    answer = answer_to(error)
    assert answer is not None
    status = answer.status
    assert (status.code, status.reason, status.message) == (code, reason, message)
