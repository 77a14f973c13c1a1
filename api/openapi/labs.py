"""The OpenAPI document: FastAPI describes its own routes, and this module those of labs, with
schemas made from the very structs that are encoded."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.audit.compared import AUDIT_VERSION, DifferencesDocument
from api.audit.history_documents import HistoryDocument, WhyDocument
from api.http.patches import PATCH_TYPES
from api.kubernetes.lab_kind import PLURAL
from api.kubernetes.status import Status
from api.labs.inputs import (
    DeleteOptions,
    Extension,
    LabInstanceInput,
    LabInstancePatch,
    ScaleInput,
    ScalePatch,
)
from api.labs.routes import BASE, COLLECTION, ITEM
from api.labs.scale.shapes import ScaleDocument
from api.labs.shapes import (
    BookmarkDocument,
    LabAccessDocument,
    LabInstanceDocument,
    LabInstanceListDocument,
)
from api.openapi.operations import Body, Operation, Parameter, operation

_SCHEMAS = (
    LabInstanceDocument,
    LabInstanceListDocument,
    LabInstanceInput,
    LabInstancePatch,
    BookmarkDocument,
    LabAccessDocument,
    HistoryDocument,
    WhyDocument,
    DifferencesDocument,
    ScaleDocument,
    ScaleInput,
    ScalePatch,
    DeleteOptions,
    Extension,
    Status,
)
_LAB, _LIST = "LabInstanceDocument", "LabInstanceListDocument"
_WATCH_EVENT: Mapping[str, Any] = {
    "title": "WatchEvent",
    "type": "object",
    "required": ["type", "object"],
    "properties": {
        "type": {"enum": ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]},
        "object": {
            "description": "The lab; for a bookmark only its version; for an error a Status.",
            "anyOf": [
                {"$ref": f"#/components/schemas/{name}"}
                for name in (_LAB, "BookmarkDocument", "Status")
            ],
        },
    },
}
_WRITES = (
    Parameter("dryRun", "`All`: validate and answer what would be, without doing it."),
    Parameter("fieldValidation", "`Strict`, `Warn` or `Ignore` unknown fields."),
    Parameter("fieldManager", "Who writes."),
    Parameter("force", "Take fields from others who own them, in an apply.", "boolean"),
)
_MOMENT = (
    Parameter("resourceVersion", "At least as of this version, or exactly, or watched from it."),
    Parameter("resourceVersionMatch", "`NotOlderThan` or `Exact`."),
    Parameter("asOf", "A moment of the past, RFC 3339."),
)
_SELECTION = (
    Parameter("labelSelector", "Such as `course=python,tier in (a,b)`."),
    Parameter("fieldSelector", "Such as `status.state=ready`."),
    Parameter("limit", "The most items of one page.", "integer"),
    Parameter("continue", "The token of the page before."),
    Parameter("watch", "Send the changes, one JSON object a line.", "boolean"),
    Parameter("allowWatchBookmarks", "Send progress in quiet times.", "boolean"),
    Parameter("sendInitialEvents", "Begin a watch with all that is there.", "boolean"),
    Parameter("timeoutSeconds", "How long a watch lasts.", "integer"),
)
_READS = _SELECTION + _MOMENT
_HISTORY = (
    Parameter("actor", "Who did it."),
    Parameter("type", "Stored names of events, separated by commas."),
    Parameter("uid", "Of one incarnation."),
    Parameter("since", "From this moment on, RFC 3339."),
    Parameter("until", "Before this moment, RFC 3339."),
    Parameter("order", "`oldest` or `newest` first."),
    *_SELECTION[2:4],
)
_MOMENTS = (
    Parameter("from", "A moment: a time, RFC 3339, or a position."),
    Parameter("to", "Another one."),
    Parameter("namespace", "One namespace; all if left out."),
    *_SELECTION[:4],
)
_TAIL = (Parameter("tailLines", "How many lines from the end.", "integer"),)
_JSON, _YAML = "application/json", "application/yaml"
_RESOURCE = Body("LabInstanceInput", (_JSON, _YAML))
_PATCH = Body("LabInstancePatch", PATCH_TYPES)
_SCALE = Body("ScaleInput", (_JSON, _YAML))
_SCALE_PATCH = Body("ScalePatch", PATCH_TYPES)
_DELETE_OPTIONS = Body("DeleteOptions", (_JSON,), required=False)

_PATHS: Mapping[str, Mapping[str, Operation]] = {
    COLLECTION: {
        "get": Operation(
            "listLabInstances", "List or watch labs", _LIST, _READS, stream="WatchEvent"
        ),
        "post": Operation("createLabInstance", "Ask for a lab", _LAB, _WRITES, _RESOURCE, 201),
        "delete": Operation(
            "deleteLabInstances",
            "Remove all that match",
            _LIST,
            (*_WRITES[:1], *_SELECTION[:2]),
            _DELETE_OPTIONS,
        ),
    },
    f"{BASE}/{PLURAL}": {
        "get": Operation(
            "listAllLabInstances", "All namespaces", _LIST, _READS, stream="WatchEvent"
        )
    },
    ITEM: {
        "get": Operation("readLabInstance", "One lab, now or then", _LAB, _MOMENT),
        "put": Operation("replaceLabInstance", "Replace a lab", _LAB, _WRITES, _RESOURCE),
        "patch": Operation("patchLabInstance", "Change a lab", _LAB, _WRITES, _PATCH),
        "delete": Operation("deleteLabInstance", "Remove", _LAB, _WRITES[:1], _DELETE_OPTIONS),
    },
    f"{ITEM}/status": {
        "get": Operation("readStatus", "One lab, now or then", _LAB, _MOMENT),
        "put": Operation("replaceStatus", "Replace clients' fields", _LAB, _WRITES, _RESOURCE),
        "patch": Operation("patchStatus", "Change clients' fields", _LAB, _WRITES, _PATCH),
    },
    f"{ITEM}/scale": {
        "get": Operation("readScale", "How many there are: one", "ScaleDocument", _MOMENT),
        "put": Operation("replaceScale", "Ask for one", "ScaleDocument", _WRITES, _SCALE),
        "patch": Operation("patchScale", "Ask for one", "ScaleDocument", _WRITES, _SCALE_PATCH),
    },
    f"{ITEM}/history": {
        "get": Operation("readHistory", "All that happened", "HistoryDocument", _HISTORY)
    },
    f"{ITEM}/why": {"get": Operation("readWhy", "Why it is so", "WhyDocument", _MOMENT)},
    f"/apis/{AUDIT_VERSION}/differences": {
        "get": Operation(
            "listDifferences", "What two moments differ in", "DifferencesDocument", _MOMENTS
        )
    },
    f"{ITEM}/log": {"get": Operation("readLog", "The lab's output", None, _TAIL)},
    f"{ITEM}/access": {
        "post": Operation("grantAccess", "The link into the lab", "LabAccessDocument")
    },
    f"{ITEM}/extend": {
        "post": Operation(
            "extendLabInstance", "More time", _LAB, _WRITES[:1], Body("Extension", (_JSON,))
        )
    },
    f"{ITEM}/restart": {"post": Operation("restartLabInstance", "A fresh runtime", _LAB)},
    f"{ITEM}/retry": {"post": Operation("retryLabInstance", "Try a failed lab again", _LAB)},
    f"{ITEM}/abandon": {"post": Operation("abandonLabInstance", "Forget a lab", _LAB)},
}


def describe(app: FastAPI) -> None:
    """Let the application answer /openapi.json with all of its routes."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    _, schemas = msgspec.json.schema_components(
        _SCHEMAS, ref_template="#/components/schemas/{name}"
    )
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update({**schemas, "WatchEvent": _WATCH_EVENT})
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"bearer": []}]
    for path, operations in _PATHS.items():
        document["paths"][path] = {
            method: operation(described, _names_in(path))
            for method, described in operations.items()
        }
    return document


def _names_in(path: str) -> Sequence[str]:
    return [name for name in ("namespace", "name") if f"{{{name}}}" in path]
