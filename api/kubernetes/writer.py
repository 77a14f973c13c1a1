"""Who writes a lab's fields, as the request tells it."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

_LONGEST_NAME = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWriter:
    """Who writes, to what, and when. `named`: whether the request itself says who."""

    name: str
    named: bool
    subresource: str
    at: datetime


def writer_of(request: Request, *, subresource: str, at: datetime) -> FieldWriter:
    """The manager that the request names, else the program that sent it."""
    given = request.query_params.get("fieldManager") or ""
    agent = request.headers.get("user-agent", "").partition("/")[0] or "unknown"
    name = (given or agent)[:_LONGEST_NAME]
    return FieldWriter(name=name, named=bool(given), subresource=subresource, at=at)
