"""Field selectors: `status.state=ready,metadata.name!=x`."""

from collections.abc import Iterator

from api.refusals import BadRequest
from application.selectors import FieldRequirement, LabField

_FIELDS = {field.value: field for field in LabField}
_MAX_PARTS = 64


def parse_field_selector(text: str) -> tuple[FieldRequirement, ...]:
    """All comma-separated requirements. Raises BadRequest."""
    return tuple(_of_lab(*part) for part in requirements_in(text))


def requirements_in(text: str) -> tuple[tuple[str, str, bool], ...]:
    """Name, value and whether it is negated, of each requirement. Raises BadRequest."""
    parts = [part for part in _split(text) if part]
    if len(parts) > _MAX_PARTS:
        raise BadRequest(f"invalid field selector: more than {_MAX_PARTS} requirements")
    return tuple(_requirement(part) for part in parts)


def unsupported_field(name: str) -> BadRequest:
    """What is said of a field that nothing can be selected by."""
    shown = "..." if "@" in name else name[:128].encode("unicode_escape").decode("ascii")
    return BadRequest(f"field label not supported: {shown}")


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


def _of_lab(name: str, value: str, negated: bool) -> FieldRequirement:
    field = _FIELDS.get(name)
    if field is None:
        raise unsupported_field(name)
    return FieldRequirement(field=field, value=value, negated=negated)


def _requirement(part: str) -> tuple[str, str, bool]:
    # The part is not repeated in the message: it may hold a student's address.
    left, sign, right = part.partition("=")
    if not sign:
        raise BadRequest("invalid field selector: can't understand a part without = or !=")
    negated = left.endswith("!")
    name = left.removesuffix("!")
    value = right if negated else right.removeprefix("=")
    return name, _unescaped(value), negated


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
