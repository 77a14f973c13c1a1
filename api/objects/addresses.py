"""Which object a path names."""

from starlette.requests import Request

from api.objects.object_kind import ObjectKind
from domain.api_object.errors import ApiObjectNotFound
from domain.api_object.key import ApiObjectKey
from domain.api_object.validation import key_faults


def namespace_in(request: Request) -> str | None:
    """The namespace of the path; None where it names none."""
    namespace: str | None = request.path_params.get("namespace")
    return namespace


def key_in(request: Request, what: ObjectKind) -> ApiObjectKey:
    """The object of the path. Raises ApiObjectNotFound for what nothing can be named."""
    key = what.key(namespace_in(request) or "", request.path_params["name"])
    if key_faults(key):
        raise ApiObjectNotFound(key)
    return key
