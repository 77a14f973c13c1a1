"""What the log lines of the present task are about: lab, command, correlation, trace."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from types import TracebackType

Fields = Callable[[], Mapping[str, str]]
"""Answers the fields when a line is written; most commands write none at most levels."""

_about: ContextVar[tuple[Fields, ...]] = ContextVar("log_context", default=())


class About:
    """Every line logged inside, in this task and those it starts, carries these fields."""

    __slots__ = ("_fields", "_token")

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._token: Token[tuple[Fields, ...]] | None = None

    def __enter__(self) -> None:
        self._token = _about.set((*_about.get(), self._fields))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            _about.reset(self._token)


def present_context() -> Mapping[str, str]:
    """The fields in force here; what is said further inside wins."""
    answered: dict[str, str] = {}
    for fields in _about.get():
        answered.update(fields())
    return answered
