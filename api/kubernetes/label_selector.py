"""Label selectors: `course=python,tier in (a, b),!legacy`."""

import re
from collections.abc import Sequence

from api.http.refusals import BadRequest
from application.ports.selectors import LabelRequirement, Operator
from domain.lab_instance.validation import label_value_problems, qualified_name_problems
from domain.shown import shown

_PART = re.compile(r"\s*(==|!=|[=!,()<>]|[^\s=!,()<>]+)")
_SIGNS = frozenset({"=", "==", "!=", "!", ",", "(", ")", "<", ">", ""})
_MAX_PARTS = 1000


def parse_label_selector(text: str) -> tuple[LabelRequirement, ...]:
    """All comma-separated requirements. Raises BadRequest."""
    parts = _PART.findall(text)
    if not parts:
        return ()
    if len(parts) > _MAX_PARTS:
        raise BadRequest("unable to parse requirement: the selector is too long")
    return _Parser(parts).all()


class _Parser:
    """Reads parts from left to right; the part after the last is the empty one."""

    def __init__(self, parts: Sequence[str]) -> None:
        self._parts = parts
        self._next = 0

    def all(self) -> tuple[LabelRequirement, ...]:
        found = [self._requirement()]
        while (part := self._take()) != "":
            if part != ",":
                raise _expected("',' or 'end of string'", part)
            found.append(self._requirement())
        return tuple(found)

    def _requirement(self) -> LabelRequirement:
        if self._peek() == "!":
            self._take()
            return _requirement(self._key(), Operator.ABSENT, ())
        key = self._key()
        if self._peek() in (",", ""):
            return _requirement(key, Operator.EXISTS, ())
        match self._take():
            case "=" | "==":
                return _requirement(key, Operator.IN, (self._value(),))
            case "!=":
                return _requirement(key, Operator.NOT_IN, (self._value(),))
            case "in":
                return _requirement(key, Operator.IN, self._values())
            case "notin":
                return _requirement(key, Operator.NOT_IN, self._values())
            case other:
                raise _expected("in, notin, =, ==, !=", other)

    def _key(self) -> str:
        part = self._take()
        if part in _SIGNS:
            raise _expected("identifier", part)
        for problem in qualified_name_problems(part):
            raise _invalid(part, problem)
        return part

    def _value(self) -> str:
        return "" if self._peek() in (",", "") else _checked_value(self._take())

    def _values(self) -> tuple[str, ...]:
        if (part := self._take()) != "(":
            raise _expected("'('", part)
        values: list[str] = []
        while True:
            values.append("" if self._peek() in (",", ")") else _checked_value(self._take()))
            part = self._take()
            if part == ")":
                return tuple(values)
            if part != ",":
                raise _expected("',' or ')'", part)

    def _peek(self) -> str:
        return self._parts[self._next] if self._next < len(self._parts) else ""

    def _take(self) -> str:
        part = self._peek()
        self._next += 1
        return part


def _requirement(key: str, operator: Operator, values: tuple[str, ...]) -> LabelRequirement:
    return LabelRequirement(key=key, operator=operator, values=values)


def _checked_value(part: str) -> str:
    if part in _SIGNS:
        raise _expected("identifier", part)
    for problem in label_value_problems(part):
        raise _invalid(part, problem)
    return part


def _expected(what: str, found: str) -> BadRequest:
    return BadRequest(f"unable to parse requirement: found '{_shown(found)}', expected: {what}")


def _invalid(part: str, problem: str) -> BadRequest:
    return BadRequest(
        f'unable to parse requirement: <nil>: Invalid value: "{_shown(part)}": {problem}'
    )


def _shown(part: str) -> str:
    return "..." if "@" in part else shown(part)  # it may be a student's address
