"""OpenAPI as Kubernetes clients ask for it: version 3, a document for each group and version,
and of version 2 as much as old clients need in order to go on."""

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha512
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.audit.schemas import CHECKPOINT_PROPERTIES
from api.http.encoding import encode
from api.http.responses import JSON, json_response
from api.http.routing import Handler, Methods
from api.kubernetes.kinds import ALL_KINDS, CHECKPOINTS, LAB_INSTANCES, Kind, Subresource
from api.labs.scale.presenter import SCALES
from api.labs.schemas import (
    LAB_INSTANCE,
    OBJECT_META,
    Schema,
    lab_schema,
    metadata_schema,
    scale_schema,
)
from api.objects.schemas import PROPERTIES
from api.openapi.built_in_schemas import built_in_schema
from api.version import SERVICE_VERSION

_V2_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_TITLE = "Lab Resource Manager"
_FOR_EVER = {"Cache-Control": "public, immutable"}
_METHODS = {
    "list": ("get", "list"),
    "create": ("post", "post"),
    "get": ("get", "get"),
    "update": ("put", "put"),
    "patch": ("patch", "patch"),
    "delete": ("delete", "delete"),
    "deletecollection": ("delete", "deletecollection"),
}
# A bare reference would lose its description in `kubectl explain`.
_METADATA: Schema = {
    "description": "What identifies the object.",
    "allOf": [{"$ref": f"#/components/schemas/{OBJECT_META}"}],
}
_COLLECTION_VERBS = ("list", "create", "deletecollection")
_ITEM_VERBS = ("get", "update", "patch", "delete")
_PATCH_TYPES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/apply-patch+yaml",
)


@cache
def openapi_paths() -> Mapping[str, Methods]:
    """The paths of both versions; the same for as long as the process lives."""
    served: dict[str, list[Kind]] = {}
    for kind in ALL_KINDS:
        served.setdefault(kind.base.lstrip("/"), []).append(kind)
    bodies = {place: encode(_document(kinds)) for place, kinds in served.items()}
    index = {
        "paths": {
            place: {"serverRelativeURL": f"/openapi/v3/{place}?hash={_hash(body)}"}
            for place, body in bodies.items()
        }
    }
    return {
        "/openapi/v3": {"GET": _fixed(encode(index))},
        "/openapi/v2": {"GET": _version_2},
        **{f"/openapi/v3/{place}": {"GET": _hashed(body)} for place, body in bodies.items()},
    }


def _hash(body: bytes) -> str:
    return sha512(body).hexdigest().upper()


def _fixed(body: bytes) -> Handler:
    async def handle(_request: Request) -> Response:
        return Response(body, media_type=JSON)

    return handle


def _hashed(body: bytes) -> Handler:
    tag = f'"{_hash(body)}"'

    async def handle(request: Request) -> Response:
        kept = _FOR_EVER if "hash" in request.query_params else {}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag, **kept})
        return Response(body, media_type=JSON, headers={"ETag": tag, **kept})

    return handle


async def _version_2(request: Request) -> Response:
    if "protobuf" in request.headers.get("accept", ""):
        return Response(_STUB, headers={"Content-Type": _V2_TYPE})
    info = {"title": _TITLE, "version": SERVICE_VERSION}
    return json_response({"swagger": "2.0", "info": info, "paths": {}, "definitions": {}})


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


_STUB = (
    _field(1, b"2.0")
    + _field(2, _field(1, _TITLE.encode()) + _field(2, SERVICE_VERSION.encode()))
    + _field(8, b"")
    + _field(9, b"")
)


def _document(kinds: Sequence[Kind]) -> Mapping[str, Any]:
    schemas: Schema = {OBJECT_META: metadata_schema()}
    paths: Schema = {}
    for kind in kinds:
        schemas[_name(kind)] = _schema(kind)
        paths.update(_paths(kind))
    if LAB_INSTANCES in kinds:
        schemas[_name(SCALES)] = _schema(SCALES)
    return {
        "openapi": "3.0.0",
        "info": {"title": _TITLE, "version": SERVICE_VERSION},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _name(served: Kind | Subresource) -> str:
    if served.kind == LAB_INSTANCES.kind:
        return LAB_INSTANCE
    place = served.group.split(".")[0] or "core"
    return f"io.k8s.api.{place}.{served.version}.{served.kind}"


def _schema(kind: Kind) -> Schema:
    if kind is LAB_INSTANCES:
        return {**lab_schema(_METADATA), "x-kubernetes-group-version-kind": [_gvk(kind)]}
    if kind is SCALES:
        return {**scale_schema(_METADATA), "x-kubernetes-group-version-kind": [_gvk(kind)]}
    schema = built_in_schema(kind, _METADATA)
    described = PROPERTIES.get((kind.group, kind.kind), {})
    if kind is CHECKPOINTS:
        described = CHECKPOINT_PROPERTIES
    return {
        **schema,
        "properties": {**schema["properties"], **described},
        "x-kubernetes-group-version-kind": [_gvk(kind)],
    }


def _gvk(served: Kind | Subresource) -> Schema:
    return {"group": served.group, "version": served.version, "kind": served.kind}


def _paths(kind: Kind) -> Schema:
    inside = "/namespaces/{namespace}" if kind.namespaced else ""
    collection = f"{kind.base}{inside}/{kind.plural}"
    item = f"{collection}/{{name}}"
    paths = {
        collection: _operations(kind, _COLLECTION_VERBS, kind.kind),
        item: _operations(kind, _ITEM_VERBS, kind.kind),
    }
    for each in kind.subresources:
        if "patch" in each.verbs:
            named = f"{kind.kind}{each.name.capitalize()}"
            paths[f"{item}/{each.name}"] = _operations(each, _ITEM_VERBS, named)
    return {
        path: {"parameters": _places(path), **operations}
        for path, operations in paths.items()
        if operations
    }


def _places(path: str) -> Sequence[Schema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in ("namespace", "name")
        if f"{{{name}}}" in path
    ]


def _operations(served: Kind | Subresource, verbs: Sequence[str], named: str) -> Schema:
    return {
        method: {
            "operationId": f"{action}{served.version.capitalize()}{named}",
            **_operation(served, method, action),
        }
        for verb in verbs
        if verb in served.verbs
        for method, action in (_METHODS[verb],)
    }


def _operation(served: Kind | Subresource, method: str, action: str) -> Schema:
    reference = {"schema": {"$ref": f"#/components/schemas/{_name(served)}"}}
    operation: Schema = {
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _gvk(served),
        "responses": {"200": {"description": "OK", "content": {JSON: reference}}},
    }
    if method in ("post", "put", "patch"):
        names = ("dryRun", "fieldManager", "fieldValidation", "force")
        operation["parameters"] = [
            {"name": name, "in": "query", "schema": {"type": "string"}} for name in names
        ]
        types = _PATCH_TYPES if method == "patch" else (JSON,)
        operation["requestBody"] = {"content": dict.fromkeys(types, reference)}
    return operation
