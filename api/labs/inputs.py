"""What clients send, as structs from which the OpenAPI document takes its schemas."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from api.labs.given import GivenSpec
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


class LabInstanceInput(msgspec.Struct, kw_only=True, rename="camel"):
    """A lab as it shall be."""

    api_version: Literal["lab.neuroglia.com/v1"] | None = None
    kind: Literal["LabInstance"] | None = None
    metadata: MetadataInput
    spec: GivenSpec | None = None


class LabInstancePatch(msgspec.Struct, kw_only=True):
    """What shall differ, as a JSON merge patch: null takes away."""

    metadata: MetadataInput | None = None
    spec: GivenSpec | None = None


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
