"""Answers who may do what. There is one user, the administrator; whoever asks is that one."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from api.http.refusals import BadRequest, InvalidInput
from api.reviews.access import PATHS, on_objects, on_paths, rules
from api.reviews.shapes import AccessAnswer, AccessSpec, RulesSpec, review, spec_of
from domain.errors import FaultReason, FieldFault

_EITHER = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
_SOMEBODY = "at least one of user or groups must be specified"


def own_access(_request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """May I? Raises BadRequest, InvalidInput."""
    spec = _access_spec(given)
    return review(given, spec=given["spec"], status=_answer(given, spec))


def own_rules(_request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """All that I may. Raises BadRequest."""
    spec = spec_of(given, RulesSpec)
    if not spec.namespace:
        raise BadRequest("no namespace on request")
    status = {
        "resourceRules": rules(),
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": PATHS}],
        "incomplete": False,
    }
    return review(given, spec=given["spec"], status=status)


def subject_access(
    administrator: str,
) -> Callable[[Request, dict[str, Any]], dict[str, Any]]:
    """May that user? Within a namespace, the review must be about that namespace."""

    def answer(request: Request, given: dict[str, Any]) -> dict[str, Any]:
        spec = _access_spec(given)
        if not spec.user and not spec.groups:
            raise _invalid(given, "spec.user", _SOMEBODY)
        namespace = request.path_params.get("namespace")
        asked = spec.resource_attributes
        if namespace is not None and (asked is None or asked.namespace != namespace):
            raise BadRequest(
                f"spec.resourceAttributes.namespace must match namespace: {namespace}"
            )
        if spec.user != administrator:
            nobody = AccessAnswer(allowed=False, reason="there is no such user here")
            return review(given, spec=given["spec"], status=nobody)
        return review(given, spec=given["spec"], status=_answer(given, spec))

    return answer


def _access_spec(given: dict[str, Any]) -> AccessSpec:
    given.setdefault("spec", {})
    return spec_of(given, AccessSpec)


def _answer(given: dict[str, Any], spec: AccessSpec) -> AccessAnswer:
    objects, paths = spec.resource_attributes, spec.non_resource_attributes
    if objects is not None and paths is None:
        return on_objects(objects)
    if paths is not None and objects is None:
        return on_paths(paths)
    raise _invalid(given, "spec.resourceAttributes", _EITHER)


def _invalid(given: dict[str, Any], field: str, message: str) -> InvalidInput:
    fault = FieldFault(field=field, reason=FaultReason.INVALID, message=message)
    return InvalidInput(
        group=given["apiVersion"].rpartition("/")[0],
        kind=given["kind"],
        name="",
        faults=[fault],
    )
