"""What an answer of the audit consists of, whichever form it is sent in."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet(Generic[T]):
    """How one kind of item is shown.

    `kind` and `resource` are its name for one and in paths. `document` is an item as JSON; a
    line of a table has a cell for each of `columns`, taken from the document. `event` is the
    item as a CloudEvent of the log named, for what is one. `place` is its position.
    """

    kind: str
    resource: str
    columns: Sequence[str]
    document: Callable[[T], Document]
    place: Callable[[T], int]
    event: Callable[[T, str], Document] | None = None

    def cells(self, item: T) -> Sequence[str]:
        """The cells of the item's line."""
        document = self.document(item)
        return [_cell(document.get(column)) for column in self.columns]


def exact(moment: datetime) -> str:
    """RFC 3339 in UTC, to the microsecond."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _cell(value: object) -> str:
    """As text. What a spreadsheet would take for a formula is marked as text."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
