"""From views to documents. On the path of every answer, so it makes no detours."""

from functools import lru_cache
from typing import Any, cast

import msgspec

from api.kubernetes.lab_kind import API_VERSION
from api.kubernetes.timestamp import timestamp
from api.labs.shapes import (
    ConditionDocument,
    LabInstanceDocument,
    LabStatus,
    ManagedFields,
    Metadata,
    Spec,
)
from application.ports.views import LabInstanceView
from domain.lab_instance.field_manager import FieldManager
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.spec import LabInstanceSpec
from domain.lab_instance.status import Condition, ConditionType

_SMALL = 4096


def document_of(view: LabInstanceView) -> LabInstanceDocument:
    """The lab as clients see it."""
    lab = view.lab
    return LabInstanceDocument(
        api_version=API_VERSION,
        metadata=_metadata(lab, view.resource_version),
        spec=spec_of(lab.spec),
        status=_status(lab) if not lab.reported else _status_with_reports(lab),
    )


def spec_of(spec: LabInstanceSpec) -> Spec:
    """The spec as clients see it."""
    return Spec(
        template=spec.template,
        duration=spec.duration,
        student_email=spec.student_email or None,
        environment=spec.environment or None,
    )


def reported_by(lab: LabInstance) -> dict[str, Any]:
    """What clients keep in the status of the lab."""
    return {name: _value(text) for name, text in lab.reported.items()}


def _metadata(lab: LabInstance, resource_version: int) -> Metadata:
    deleting = lab.deletion_requested_at
    return Metadata(
        name=lab.key.name,
        namespace=lab.key.namespace,
        uid=lab.uid,
        resource_version=str(resource_version) if resource_version else None,
        generation=lab.generation,
        creation_timestamp=timestamp(lab.created_at),
        deletion_timestamp=timestamp(deleting) if deleting else None,
        deletion_grace_period_seconds=0 if deleting else None,
        labels=lab.labels or None,
        annotations=lab.annotations or None,
        finalizers=list(lab.finalizers) or None,
        managed_fields=[_managed(each) for each in lab.managers] or None,
    )


def _status(lab: LabInstance) -> LabStatus:
    expires_at = lab.expires_at
    return LabStatus(
        state=lab.state.value,
        endpoint=lab.endpoint,
        ready_at=timestamp(lab.ready_at) if lab.ready_at else None,
        expires_at=timestamp(expires_at) if expires_at else None,
        retries=lab.retries,
        next_retry_at=timestamp(lab.next_retry_at) if lab.next_retry_at else None,
        reason=lab.reason or None,
        message=lab.message or None,
        observed_generation=lab.observed_generation,
        conditions=[_condition(condition, lab.isolation) for condition in lab.conditions],
    )


def _status_with_reports(lab: LabInstance) -> LabStatus:
    own = msgspec.to_builtins(_status(lab))
    reported = reported_by(lab)
    own["conditions"] += reported.pop("conditions", [])
    # Encoded as it is; msgspec's structs cannot have fields that nobody foresaw.
    return cast("LabStatus", {**reported, **own})


def _managed(manager: FieldManager) -> ManagedFields:
    return ManagedFields(
        manager=manager.manager,
        operation=manager.operation,
        api_version=API_VERSION,
        time=timestamp(manager.at),
        fields_type="FieldsV1",
        fields_v1=_value(manager.fields),
        subresource=manager.subresource or None,
    )


def _value(text: str) -> Any:
    return _remembered(text) if len(text) <= _SMALL else msgspec.json.decode(text)


# By number of entries only, so that nothing is remembered of what is large.
_remembered = lru_cache(maxsize=4096)(msgspec.json.decode)


def _condition(condition: Condition, isolation: str) -> ConditionDocument:
    message = condition.message
    if condition.type is ConditionType.PROVISIONED and condition.holds and isolation:
        message = f"isolation: {isolation}"
    return ConditionDocument(
        type=condition.type.value,
        status="True" if condition.holds else "False",
        reason=condition.reason,
        message=message,
        last_transition_time=timestamp(condition.changed_at),
        observed_generation=condition.observed_generation,
    )
