"""The managedFields that a client writes down itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from api.http.refusals import BadRequest
from api.kubernetes.field_sets import fields_from, fields_text
from api.kubernetes.ownership import Managers
from domain.lab_instance.field_manager import FieldManager

_MOST_MANAGERS = 64


_LONGEST_TEXT = 128


_LARGEST_SET = 64 * 1024


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
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, RecursionError):
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
