"""The Status document: how every error, and some successes, are told to the client."""

from collections.abc import Mapping, Sequence

import msgspec


class StatusCause(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One of several reasons; `field` says where."""

    reason: str
    message: str
    field: str | None = None


class StatusDetails(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """What the status is about. `kind` is the plural resource, but the Kind when invalid."""

    name: str | None = None
    group: str | None = None
    kind: str | None = None
    uid: str | None = None
    causes: Sequence[StatusCause] | None = None
    retry_after_seconds: int | None = None


class Status(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="Status"):
    """Kubernetes' meta/v1 Status."""

    api_version: str = msgspec.field(name="apiVersion")
    metadata: Mapping[str, str]
    status: str
    message: str | None = None
    reason: str | None = None
    details: StatusDetails | None = None
    code: int | None = None


def failure(code: int, reason: str, message: str, details: StatusDetails | None = None) -> Status:
    """A failure as Kubernetes tells it."""
    return Status(
        api_version="v1",
        metadata={},
        status="Failure",
        message=message,
        reason=reason,
        details=details,
        code=code,
    )


def success(details: StatusDetails) -> Status:
    """Something was done and there is no object left to show."""
    return Status(api_version="v1", metadata={}, status="Success", details=details)
