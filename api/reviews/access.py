"""What the administrator may do: everything that is served, and nothing that is not.

It is answered from the same table as discovery, so that the two cannot disagree.
"""

from collections.abc import Iterator, Sequence

from api.kubernetes.kinds import ALL_KINDS, Kind
from api.reviews.shapes import (
    AccessAnswer,
    NonResourceAttributes,
    ResourceAttributes,
)

PATHS = (
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/metrics",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/version",
)
"""The paths that stand for no object; a star for all that begin so."""

_ANY = "*"
_MAY = "the administrator may do all that is served here"


def on_objects(asked: ResourceAttributes) -> AccessAnswer:
    """Whether it is served, and why not."""
    resource, _, subresource = asked.resource.partition("/")
    served = [
        verbs
        for kind in ALL_KINDS
        for name, verbs in _resources(kind)
        if asked.group in (_ANY, kind.group)
        and asked.version in ("", _ANY, kind.version)
        and _meant(name, resource, asked.subresource or subresource)
    ]
    if not served:
        return AccessAnswer(allowed=False, reason="no such resource is served here")
    if asked.verb == _ANY or any(asked.verb in verbs for verbs in served):
        return AccessAnswer(allowed=True, reason=_MAY)
    return AccessAnswer(allowed=False, reason="the resource is served without this verb")


def on_paths(asked: NonResourceAttributes) -> AccessAnswer:
    """Whether the path is served, and why not."""
    if asked.verb.lower() not in ("get", _ANY):
        return AccessAnswer(allowed=False, reason="such paths can only be read")
    if asked.path == _ANY or any(_covers(pattern, asked.path) for pattern in PATHS):
        return AccessAnswer(allowed=True, reason=_MAY)
    return AccessAnswer(allowed=False, reason="no such path is served here")


def rules() -> Sequence[dict[str, Sequence[str]]]:
    """Kubernetes' ResourceRules: all that is served."""
    return [
        {"verbs": verbs, "apiGroups": [kind.group], "resources": [name]}
        for kind in ALL_KINDS
        for name, verbs in _resources(kind)
    ]


def _resources(kind: Kind) -> Iterator[tuple[str, Sequence[str]]]:
    yield kind.plural, kind.verbs
    for each in kind.subresources:
        yield f"{kind.plural}/{each.name}", each.verbs


def _meant(name: str, resource: str, subresource: str) -> bool:
    plural, _, below = name.partition("/")
    return resource in (_ANY, plural) and subresource in (_ANY, below)


def _covers(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith(_ANY) else path == pattern
