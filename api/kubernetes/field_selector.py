"""Field selectors: `status.state=ready,metadata.name!=x`."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from api.http.refusals import BadRequest
from application.ports.selectors import FieldRequirement, LabField
from domain.shown import shown

_FIELDS = {field.value: field for field in LabField}
_MAX_PARTS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One part of a selector: the field is this, or is not when negated."""

    name: str
    value: str
    negated: bool


def parse_field_selector(text: str) -> tuple[FieldRequirement, ...]:
    """All comma-separated requirements on labs. Raises BadRequest."""
    return tuple(
        FieldRequirement(field=_FIELDS[part.name], value=part.value, negated=part.negated)
        for part in parse_requirements(text, _FIELDS)
    )


def parse_requirements(text: str, known: Container[str]) -> tuple[Requirement, ...]:
    """All comma-separated requirements on the fields that are known. Raises BadRequest."""
    parts = [part for part in _split(text) if part]
    if len(parts) > _MAX_PARTS:
        raise BadRequest(f"invalid field selector: more than {_MAX_PARTS} requirements")
    return tuple(_requirement(part, known) for part in parts)


def _split(text: str) -> Iterator[str]:
    part, escaped = "", False
    for char in text:
        if char == "," and not escaped:
            yield part
            part = ""
        else:
            part += char
        escaped = char == "\\" and not escaped
    yield part


def _requirement(part: str, known: Container[str]) -> Requirement:
    # The part is not repeated in the message: it may hold a student's address.
    left, sign, right = part.partition("=")
    if not sign:
        raise BadRequest("invalid field selector: can't understand a part without = or !=")
    negated = left.endswith("!")
    name = left.removesuffix("!")
    value = right if negated else right.removeprefix("=")
    if name not in known:
        text = "..." if "@" in name else shown(name, longest=128)
        raise BadRequest(f"field label not supported: {text}")
    return Requirement(name=name, value=_unescaped(value), negated=negated)


def _unescaped(value: str) -> str:
    text, escaped = "", False
    for char in value:
        if escaped:
            if char not in "\\,=":
                raise BadRequest("invalid field selector: invalid escape sequence")
            text, escaped = text + char, False
        elif char == "\\":
            escaped = True
        elif char == "=":
            raise BadRequest("invalid field selector: a value holds an = without a backslash")
        else:
            text += char
    if escaped:
        raise BadRequest("invalid field selector: invalid escape sequence")
    return text
