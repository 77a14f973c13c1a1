"""What is read from reviews, and the answers about access. Other fields are passed over."""

from typing import Any, TypeVar

import msgspec

from api.http.refusals import BadRequest

T = TypeVar("T")


class ResourceAttributes(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Something that may be done to objects. A star stands for everything."""

    namespace: str = ""
    verb: str = ""
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""


class NonResourceAttributes(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Something that may be done to a path that stands for no object."""

    path: str = ""
    verb: str = ""


class AccessSpec(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """May somebody do this? Who asks for themselves names no user."""

    resource_attributes: ResourceAttributes | None = None
    non_resource_attributes: NonResourceAttributes | None = None
    user: str = ""
    groups: list[str] = []


class RulesSpec(msgspec.Struct, kw_only=True):
    """In which namespace."""

    namespace: str = ""


class TokenSpec(msgspec.Struct, kw_only=True):
    """Whose token is this? The answer does not repeat it."""

    token: str = ""


class AccessAnswer(msgspec.Struct, kw_only=True):
    """Kubernetes' SubjectAccessReviewStatus."""

    allowed: bool
    reason: str


def spec_of(given: dict[str, Any], shape: type[T]) -> T:
    """The review's spec. Raises BadRequest."""
    try:
        return msgspec.convert(given.get("spec") or {}, shape)
    except msgspec.ValidationError as error:
        raise BadRequest(f"the spec of the review cannot be read: {error}") from None


def review(given: dict[str, Any], *, spec: Any, status: Any) -> dict[str, Any]:
    """The review with its answer."""
    about = {"kind": given["kind"], "apiVersion": given["apiVersion"]}
    return {**about, "metadata": {"creationTimestamp": None}, "spec": spec, "status": status}
