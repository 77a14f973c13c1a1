"""The JSON documents of labs, as msgspec structs. Empty fields are left out when encoded."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from api.kubernetes.lab_kind import API_VERSION
from api.kubernetes.list_metadata import BookmarkMetadata, ListMetadata


class ManagedFields(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """Kubernetes' ManagedFieldsEntry: who looks after which fields, and since when."""

    manager: str
    operation: str
    api_version: str
    time: str
    fields_type: str
    fields_v1: Mapping[str, Any] = msgspec.field(name="fieldsV1")
    subresource: str | None = None


class Metadata(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """Kubernetes' ObjectMeta, as far as labs have it."""

    name: str
    namespace: str
    uid: str
    resource_version: str | None = None
    generation: int
    creation_timestamp: str
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None
    finalizers: Sequence[str] | None = None
    managed_fields: Sequence[ManagedFields] | None = None


class Spec(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """The lab that shall be."""

    template: str
    duration: str
    student_email: str | None = None
    environment: Mapping[str, str] | None = None


class ConditionDocument(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """One aspect of the lab. `status` is "True", "False" or "Unknown"."""

    type: str
    status: str
    reason: str
    message: str
    last_transition_time: str
    observed_generation: int


class LabStatus(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """The lab that is."""

    state: str
    endpoint: str | None = None
    ready_at: str | None = None
    expires_at: str | None = None
    retries: int
    next_retry_at: str | None = None
    reason: str | None = None
    message: str | None = None
    observed_generation: int
    conditions: Sequence[ConditionDocument]


class LabInstanceDocument(
    msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="LabInstance"
):
    """One lab."""

    api_version: str = msgspec.field(name="apiVersion")
    metadata: Metadata
    spec: Spec
    status: LabStatus


class LabInstanceListDocument(
    msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="LabInstanceList"
):
    """One page of labs."""

    api_version: str = msgspec.field(name="apiVersion")
    metadata: ListMetadata
    items: Sequence[LabInstanceDocument]


class BookmarkDocument(msgspec.Struct, kw_only=True, tag_field="kind", tag="LabInstance"):
    """A LabInstance that only carries a resource version."""

    api_version: str = msgspec.field(name="apiVersion")
    metadata: BookmarkMetadata


class ObjectReference(msgspec.Struct, kw_only=True):
    """Which lab a document is about."""

    name: str
    namespace: str


class LabAccessDocument(msgspec.Struct, kw_only=True, tag_field="kind", tag="LabAccess"):
    """The link that opens a running lab. It carries the lab's secret."""

    api_version: str = msgspec.field(name="apiVersion", default=API_VERSION)
    metadata: ObjectReference
    url: str
