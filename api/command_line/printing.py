"""Prints answers as kubectl does: in columns, as JSON, as YAML."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import yaml

_GAP = 3


class Output(Enum):
    """How an answer is printed."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"

    @property
    def tabular(self) -> bool:
        """Whether it is printed in columns."""
        return self in (Output.TABLE, Output.WIDE)


def printed(answer: Mapping[str, Any], output: Output, *, namespaces: bool) -> str:
    """The text, without a line break at its end. `namespaces`: with a column for them."""
    match output:
        case Output.JSON:
            return json.dumps(answer, indent=4, ensure_ascii=False)
        case Output.YAML:
            text: str = yaml.safe_dump(answer, sort_keys=False, allow_unicode=True)
            return text.rstrip("\n")
        case Output.TABLE | Output.WIDE:
            return columns(_lines(answer, wide=output is Output.WIDE, namespaces=namespaces))


def _lines(table: Mapping[str, Any], *, wide: bool, namespaces: bool) -> Sequence[Sequence[str]]:
    definitions = table["columnDefinitions"]
    shown = [place for place, each in enumerate(definitions) if wide or not each["priority"]]
    lines = [[definitions[place]["name"].upper() for place in shown]]
    lines += [[_cell(row["cells"][place]) for place in shown] for row in table["rows"]]
    if not namespaces:
        return lines
    first = ["NAMESPACE", *(row["object"]["metadata"]["namespace"] for row in table["rows"])]
    return [[head, *rest] for head, rest in zip(first, lines, strict=True)]


def _cell(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


def columns(lines: Sequence[Sequence[str]]) -> str:
    """The lines in columns, each as wide as its widest cell."""
    widths = [max(map(len, column)) + _GAP for column in zip(*lines, strict=True)]
    return "\n".join(
        "".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
