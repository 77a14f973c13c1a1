"""The fields of labs that somebody can own, and owners as clients write them down."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.requests import Request

from api.kubernetes.field_sets import fields_from, fields_text
from api.kubernetes.ownership import Managers, after_update
from api.kubernetes.writer import writer_of
from api.refusals import BadRequest
from api.rendering import reported_by, spec_of
from application.admission import DesiredLabInstance
from domain.lab_instance.field_manager import FieldManager
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.spec import LabInstanceSpec

_MOST_MANAGERS = 64
_LONGEST_TEXT = 128
_LARGEST_SET = 64 * 1024


def wished_fields(lab: LabInstance | DesiredLabInstance, spec: LabInstanceSpec) -> Any:
    """What people wish of a lab: its spec and the metadata that is theirs to write."""
    metadata: dict[str, Any] = {}
    if lab.labels:
        metadata["labels"] = lab.labels
    if lab.annotations:
        metadata["annotations"] = lab.annotations
    if lab.finalizers:
        metadata["finalizers"] = list(lab.finalizers)
    wished = {"spec": msgspec.to_builtins(spec_of(spec))}
    return {"metadata": metadata, **wished} if metadata else wished


def reported_fields(lab: LabInstance) -> Any:
    """What clients keep in the status."""
    reported = reported_by(lab)
    return {"status": reported} if reported else {}


def first_owners(
    request: Request, desired: DesiredLabInstance, spec: LabInstanceSpec, at: datetime
) -> Managers:
    """The owners of a lab that is being made: its maker, if he names himself."""
    if not request.scope["query_string"]:
        return ()
    writer = writer_of(request, subresource="", at=at)
    return after_update((), {}, wished_fields(desired, spec), writer)


def written_managers(document: Mapping[str, Any], current: Mapping[str, Any]) -> Managers | None:
    """The owners that a document says itself; None when it says nothing new about them. An
    empty list, or one of an empty entry, forgets them all. Raises BadRequest."""
    written = _managed_fields(document)
    if written is None or written == _managed_fields(current):
        return None
    if not isinstance(written, list) or len(written) > _MOST_MANAGERS:
        raise BadRequest(f"metadata.managedFields must be at most {_MOST_MANAGERS} entries")
    try:
        return tuple(_manager(entry) for entry in written if entry)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise BadRequest("metadata.managedFields has an entry that is none") from None


def _managed_fields(document: Mapping[str, Any]) -> Any:
    metadata = document.get("metadata")
    return metadata.get("managedFields") if isinstance(metadata, Mapping) else None


def _manager(entry: Mapping[str, Any]) -> FieldManager:
    text = fields_text(fields_from(msgspec.json.encode(entry.get("fieldsV1") or {}).decode()))
    name, operation = str(entry["manager"]), entry["operation"]
    subresource = entry.get("subresource") or ""
    sound = operation in ("Apply", "Update") and subresource in ("", "status")
    if not sound or len(name) > _LONGEST_TEXT or len(text) > _LARGEST_SET:
        raise ValueError(name)
    at = datetime.fromisoformat(entry["time"]).astimezone(UTC)
    return FieldManager(
        manager=name, operation=operation, subresource=subresource, fields=text, at=at
    )
