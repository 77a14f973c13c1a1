"""Discovery of what is served, in both forms that clients ask for: a document for each group and
version, or all at once (aggregated)."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.http.responses import json_response
from api.http.routing import Handler, Methods
from api.kubernetes.kinds import ALL_KINDS, Kind, Subresource
from api.kubernetes.negotiation import media_type_of

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_ASKED = {"g": "apidiscovery.k8s.io", "v": "v2", "as": "APIGroupDiscoveryList"}

_Document = Mapping[str, Any]
_Versions = Mapping[str, Sequence[Kind]]


def discovery_paths() -> Mapping[str, Methods]:
    """The paths of discovery. Their documents never change while the service runs."""
    groups = _by_group()
    core = groups.pop("", {})
    listed = _group_list(groups)
    paths: dict[str, Methods] = {
        "/api": {"GET": _negotiated(_API_VERSIONS, _aggregated({"": core} if core else {}))},
        "/apis": {"GET": _negotiated(listed, _aggregated(groups))},
        "/api/v1": {"GET": _fixed(_resource_list("v1", core.get("v1", ())))},
    }
    for group, versions in groups.items():
        about = {"kind": "APIGroup", "apiVersion": "v1", **_group(group, versions)}
        paths[f"/apis/{group}"] = {"GET": _fixed(about)}
        for version, kinds in versions.items():
            place = f"{group}/{version}"
            paths[f"/apis/{place}"] = {"GET": _fixed(_resource_list(place, kinds))}
    return paths


_API_VERSIONS: _Document = {
    "kind": "APIVersions",
    "versions": ["v1"],
    "serverAddressByClientCIDRs": [],
}


def _by_group() -> dict[str, _Versions]:
    """The kinds by group and version; the first version of a group is the preferred one."""
    groups: dict[str, dict[str, list[Kind]]] = {}
    for kind in sorted(ALL_KINDS, key=lambda kind: kind.group):
        groups.setdefault(kind.group, {}).setdefault(kind.version, []).append(kind)
    return {**groups}


def _fixed(document: _Document) -> Handler:
    async def handle(_request: Request) -> Response:
        return json_response(document)

    return handle


def _negotiated(legacy: _Document, aggregated: _Document) -> Handler:
    async def handle(request: Request) -> Response:
        if not _wants_aggregated(request.headers.get("accept", "")):
            return json_response(legacy)
        return json_response(aggregated, headers={"Content-Type": _AGGREGATED})

    return handle


def _wants_aggregated(accept: str) -> bool:
    """Whether the aggregated form stands before plain JSON, which every client takes."""
    for part in accept.split(","):
        media_type, parameters = media_type_of(part)
        if media_type == "application/json" and parameters.items() >= _ASKED.items():
            return True
        if media_type in ("application/json", "*/*") and "as" not in parameters:
            return False
    return False


def _group_list(groups: Mapping[str, _Versions]) -> _Document:
    return {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [_group(group, versions) for group, versions in groups.items()],
    }


def _group(group: str, versions: _Versions) -> _Document:
    served = [{"groupVersion": f"{group}/{each}", "version": each} for each in versions]
    return {"name": group, "versions": served, "preferredVersion": served[0]}


def _resource_list(version: str, kinds: Sequence[Kind]) -> _Document:
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": version,
        "resources": [row for kind in kinds for row in _rows(kind)],
    }


def _rows(kind: Kind) -> Sequence[_Document]:
    row: dict[str, Any] = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": kind.verbs,
    }
    if kind.short_names:
        row["shortNames"] = kind.short_names
    if kind.categories:
        row["categories"] = kind.categories
    return [row, *(_row_below(kind, each) for each in kind.subresources)]


def _row_below(kind: Kind, below: Subresource) -> _Document:
    row = {
        "name": f"{kind.plural}/{below.name}",
        "singularName": "",
        "namespaced": kind.namespaced,
        "kind": below.kind,
        "verbs": below.verbs,
    }
    if below.group == kind.group:
        return row
    return {**row, "group": below.group, "version": below.version}


def _aggregated(groups: Mapping[str, _Versions]) -> _Document:
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": [
            {
                "metadata": {"name": group} if group else {},
                "versions": [
                    {
                        "version": version,
                        "freshness": "Current",
                        "resources": [_aggregated_row(kind) for kind in kinds],
                    }
                    for version, kinds in versions.items()
                ],
            }
            for group, versions in groups.items()
        ],
    }


def _aggregated_row(kind: Kind) -> _Document:
    return {
        "resource": kind.plural,
        "responseKind": _response_kind(kind),
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": kind.verbs,
        "shortNames": kind.short_names,
        "categories": kind.categories,
        "subresources": [
            {
                "subresource": each.name,
                "responseKind": _response_kind(each),
                "verbs": each.verbs,
            }
            for each in kind.subresources
        ],
    }


def _response_kind(kind: Kind | Subresource) -> _Document:
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}
