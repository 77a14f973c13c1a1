"""What the requests of server-side applies have in common."""

from typing import Any

from starlette.requests import Request

from api.http.refusals import BadRequest, InvalidOptions
from api.kubernetes.options import WriteOptions, write_options
from domain.errors import FaultReason, FieldFault

_OWNABLE_METADATA = ("labels", "annotations", "finalizers")


def apply_options(request: Request) -> WriteOptions:
    """Raises InvalidOptions; an apply must say who applies."""
    if not request.query_params.get("fieldManager"):
        message = "is required for apply patch"
        fault = FieldFault(field="fieldManager", reason=FaultReason.REQUIRED, message=message)
        raise InvalidOptions("PatchOptions", [fault])
    return write_options(request, "PatchOptions")


def check_unmanaged(applied: dict[str, Any]) -> None:
    """Raises BadRequest when what is applied says who owns its fields: that is the service's."""
    metadata = applied.get("metadata")
    if isinstance(metadata, dict) and metadata.get("managedFields"):
        raise BadRequest("metadata.managedFields must be nil")


def ownable(applied: dict[str, Any]) -> dict[str, Any]:
    """The part of what is applied that can be owned."""
    metadata = applied.get("metadata")
    owned = {}
    if isinstance(metadata, dict):
        owned = {name: metadata[name] for name in _OWNABLE_METADATA if name in metadata}
    wished = {"metadata": owned} if owned else {}
    return {**wished, "spec": applied["spec"]} if "spec" in applied else wished
