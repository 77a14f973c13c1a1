"""What clients send, as structs from which the OpenAPI document takes its schemas."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec


class MetadataInput(msgspec.Struct, kw_only=True, rename="camel"):
    """What a client may say of a lab's identity."""

    name: str | None = None
    generate_name: str | None = None
    namespace: str | None = None
    resource_version: str | None = None
    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None
    finalizers: Sequence[str] | None = None


class SpecInput(msgspec.Struct, kw_only=True, rename="camel"):
    """The lab wanted. `template` is python-basics, and `duration` the template's, unless
    said otherwise; `duration` is written like 90s, 60m or 1h30m."""

    template: str | None = None
    duration: str | None = None
    student_email: str | None = None
    environment: Mapping[str, str] | None = None


class LabInstanceInput(msgspec.Struct, kw_only=True, rename="camel"):
    """A lab as it shall be."""

    api_version: Literal["lab.neuroglia.com/v1"] | None = None
    kind: Literal["LabInstance"] | None = None
    metadata: MetadataInput
    spec: SpecInput | None = None


class LabInstancePatch(msgspec.Struct, kw_only=True):
    """What shall differ, as a JSON merge patch: null takes away."""

    metadata: MetadataInput | None = None
    spec: SpecInput | None = None


class Preconditions(msgspec.Struct, kw_only=True, rename="camel"):
    """Which lab is meant."""

    uid: str | None = None
    resource_version: str | None = None


class DeleteOptions(msgspec.Struct, kw_only=True, rename="camel"):
    """Kubernetes' meta/v1 DeleteOptions, as far as they mean something here."""

    preconditions: Preconditions | None = None
    dry_run: Sequence[str] | None = None


class Extension(msgspec.Struct, kw_only=True):
    """How much longer the lab shall live, such as 30m."""

    by: str
