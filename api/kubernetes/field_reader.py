"""Takes typed values out of plain JSON objects, and remembers every fault on the way."""

from collections.abc import Mapping
from typing import Any

from domain.errors import FaultReason, FieldFault
from domain.shown import shown

_MOST_FAULTS = 100


class FieldReader:
    """Reads fields; one of a wrong type counts as not said, and is a fault. `unknown` names
    the fields that nobody knows."""

    def __init__(self) -> None:
        self.faults: list[FieldFault] = []
        self.unknown: list[str] = []

    def note_unknown(self, given: Mapping[str, Any], known: frozenset[str], place: str) -> None:
        """Remember the fields of `given` that are not known."""
        if given.keys() <= known:
            return
        self.unknown += [
            f"{place}{name}"
            for name, value in given.items()
            if name not in known and value is not None
        ]

    def mapping(self, given: Mapping[str, Any], name: str, place: str) -> dict[str, Any]:
        """An object; empty when none is given."""
        value = given.get(name)
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self._fault(f"{place}{name}", "an object", value)
        return {}

    def text(self, given: Mapping[str, Any], name: str, place: str) -> str | None:
        """A string, or None."""
        value = given.get(name)
        if value is None or isinstance(value, str):
            return value
        self._fault(f"{place}{name}", "a string", value)
        return None

    def whole_number(self, given: Mapping[str, Any], name: str, place: str) -> int | None:
        """A whole number, or None."""
        value = given.get(name)
        if value is None or type(value) is int:
            return value
        self._fault(f"{place}{name}", "a whole number", value)
        return None

    def texts_by_name(self, given: Mapping[str, Any], name: str, place: str) -> dict[str, str]:
        """An object of strings; what is null is left out."""
        texts: dict[str, str] = {}
        for key, value in self.mapping(given, name, place).items():
            if isinstance(value, str):
                texts[key] = value
            elif value is not None:
                self._fault(f"{place}{name}[{shown(key)}]", "a string", value)
        return texts

    def texts(self, given: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
        """An array of strings."""
        value = given.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._fault(f"{place}{name}", "an array", value)
            return ()
        for index, item in enumerate(value):
            if not isinstance(item, str):
                self._fault(f"{place}{name}[{index}]", "a string", item)
        return tuple(item for item in value if isinstance(item, str))

    def _fault(self, field: str, wanted: str, value: object) -> None:
        if len(self.faults) == _MOST_FAULTS:
            return
        self.faults.append(mistyped(field, wanted, value))


def mistyped(field: str, wanted: str, value: object) -> FieldFault:
    """The fault of a field that must be `wanted` ("a string") and has this JSON value."""
    message = f"must be {wanted}, not {_JSON_NAME.get(type(value), 'something else')}"
    return FieldFault(field=field, reason=FaultReason.TYPE, message=message)


_JSON_NAME = {
    bool: "a boolean",
    int: "a number",
    float: "a decimal number",
    str: "a string",
    list: "an array",
    dict: "an object",
}
