"""Kubernetes' autoscaling/v1 Scale, as far as it means something for labs."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from api.kubernetes.lab_kind import SCALE_API_VERSION, SCALE_KIND

REPLICAS: Final = 1
"""A lab is one environment for one student."""


class ScaleMetadata(msgspec.Struct, kw_only=True, rename="camel"):
    """Which lab it is the scale of."""

    name: str
    namespace: str
    uid: str
    resource_version: str
    creation_timestamp: str


class ScaleSpec(msgspec.Struct, kw_only=True):
    """What is asked for."""

    replicas: Annotated[
        int,
        Meta(
            ge=REPLICAS,
            le=REPLICAS,
            description="How many there shall be: one, for a lab is for one student.",
        ),
    ]


class ScaleStatus(msgspec.Struct, kw_only=True):
    """What is so."""

    replicas: Annotated[
        int, Meta(description="How many can be used now: one while the lab is ready.")
    ]


class ScaleDocument(msgspec.Struct, kw_only=True, tag_field="kind", tag=SCALE_KIND):
    """The scale of one lab."""

    api_version: str = msgspec.field(name="apiVersion", default=SCALE_API_VERSION)
    metadata: ScaleMetadata
    spec: ScaleSpec
    status: ScaleStatus
