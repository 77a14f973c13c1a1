"""What clients send, as structs from which the OpenAPI document takes its schemas."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from api.labs.scale.shapes import ScaleSpec


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
    """The lab wanted."""

    template: Annotated[
        str | None, Meta(description="What kind of lab it is; python-basics when not given.")
    ] = None
    duration: Annotated[
        str | None,
        Meta(
            description="How long the lab lives once it is ready, like 90s, 60m or 1h30m; "
            "the template's default when not given, and at most the template's maximum."
        ),
    ] = None
    student_email: Annotated[
        str | None, Meta(description="The e-mail address of the student the lab is for.")
    ] = None
    environment: Annotated[
        Mapping[str, str] | None,
        Meta(
            description="Environment variables of the lab. Names are C identifiers; those that "
            "begin with LAB_ are the service's own."
        ),
    ] = None


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


class ScaleInput(msgspec.Struct, kw_only=True, rename="camel"):
    """A scale as it shall be."""

    api_version: Literal["autoscaling/v1"] | None = None
    kind: Literal["Scale"] | None = None
    metadata: MetadataInput
    spec: ScaleSpec


class ScalePatch(msgspec.Struct, kw_only=True):
    """What shall differ, as a JSON merge patch."""

    metadata: MetadataInput | None = None
    spec: ScaleSpec | None = None


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
