"""Checkpoints as they are sent."""

from collections.abc import Sequence

import msgspec

from api.kubernetes.kinds import CHECKPOINTS
from api.kubernetes.list_metadata import ListMetadata


class CheckpointMetadata(msgspec.Struct, kw_only=True, rename="camel"):
    """A checkpoint is named by the size of the log that it is about."""

    name: str
    creation_timestamp: str


class CheckpointDocument(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """`note` is what was signed, with its signature: all else here is only read from it.
    `proof`, in base64, is where it was asked for that the tree goes on from an earlier one."""

    api_version: str = msgspec.field(default="", name="apiVersion")
    kind: str = ""
    metadata: CheckpointMetadata
    origin: str
    size: int
    root: str
    note: str
    proof: Sequence[str] | None = None


class CheckpointListDocument(msgspec.Struct, kw_only=True, rename="camel"):
    """The newest first."""

    api_version: str = CHECKPOINTS.api_version
    kind: str = "CheckpointList"
    metadata: ListMetadata
    items: Sequence[CheckpointDocument]
