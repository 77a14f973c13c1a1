"""Tables: what kubectl prints. The server renders the cells, ages and all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

META_VERSION = "meta.k8s.io/v1"
_FAR = timedelta(days=8 * 365)


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `wide` ones are shown by `-o wide` only. `path`: where in the object clients
    that make columns of their own find the same, in JSONPath."""

    name: str
    description: str
    type: str = "string"
    wide: bool = False
    path: str = ""


class Row(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The cells of one object, and the object, or as much of it as was asked for."""

    cells: Sequence[Any]
    object: Any = None


class TableMetadata(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """Kubernetes' ListMeta."""

    resource_version: str | None = None
    continue_: str | None = msgspec.field(name="continue", default=None)
    remaining_item_count: int | None = None


class Table(msgspec.Struct, kw_only=True, tag_field="kind", tag="Table", rename="camel"):
    """Kubernetes' meta/v1 Table."""

    api_version: str = META_VERSION
    metadata: TableMetadata
    column_definitions: Sequence[Mapping[str, Any]]
    rows: Sequence[Row]


def definitions(columns: Sequence[Column]) -> Sequence[Mapping[str, Any]]:
    """The columns as a Table declares them."""
    return [
        {
            "name": column.name,
            "type": column.type,
            "format": "name" if column.name == "Name" else "",
            "description": column.description,
            "priority": 1 if column.wide else 0,
        }
        for column in columns
    ]


def metadata_only(metadata: Any) -> Mapping[str, Any]:
    """An object with nothing but its metadata."""
    return {"kind": "PartialObjectMetadata", "apiVersion": META_VERSION, "metadata": metadata}


def age(since: datetime | None, now: datetime) -> str:
    """How long ago, as kubectl writes it."""
    return "<unknown>" if since is None else short_duration(now - since)


def short_duration(length: timedelta) -> str:
    """A length of time in the two units that matter: `45s`, `5m30s`, `3h20m`, `2d4h`."""
    seconds = int(length.total_seconds())
    if seconds < 0:
        return "0s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if length < _FAR:
        return f"{days}d"
    return f"{days // 365}y"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}{small}{small_unit}" if small else f"{large}{large_unit}"
