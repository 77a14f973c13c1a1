"""What the log lines of the present task are about: lab, command, correlation, trace."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_NOTHING: Mapping[str, str] = {}
_about: ContextVar[Mapping[str, str]] = ContextVar("log_context", default=_NOTHING)


@contextmanager
def about(fields: Mapping[str, str]) -> Iterator[None]:
    """Every line logged inside, in this task and those it starts, carries these fields."""
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


def present_context() -> Mapping[str, str]:
    """The fields in force here."""
    return _about.get()
