"""The parameters of the audit's questions: whatever is not understood is refused, since an answer
to another question than the one that was asked is worse than none."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from starlette.datastructures import QueryParams

from api.http.refusals import BadRequest
from api.kubernetes.continue_token import read_place
from api.kubernetes.moments import time_in
from api.kubernetes.options import header_safe, is_true, number
from application.ports.audit_records import Reading
from domain.lab_instance.duration import InvalidDuration, parse_duration

T = TypeVar("T")

PAGING = ("after", "before", "order", "limit", "continue")
_OF_CLIENTS = ("pretty", "timeoutSeconds")
_MOST_AT_ONCE = 5000
_USUAL = 500
_OLDEST, _NEWEST = "oldest", "newest"


class Parameters:
    """The query of a request whose parameters are all among the allowed ones, each said once."""

    def __init__(self, query: QueryParams, allowed: Sequence[str]) -> None:
        """Raises BadRequest, naming what is allowed."""
        self._query = query
        for name in query:
            if name not in allowed and name not in _OF_CLIENTS:
                known = ", ".join(allowed)
                raise BadRequest(f'unknown parameter "{header_safe(name)}"; allowed: {known}')
            if len(query.getlist(name)) > 1:
                raise BadRequest(f'parameter "{name}" is given more than once')

    def text(self, name: str) -> str | None:
        """What is given; None for nothing."""
        return self._query.get(name) or None

    def several(self, name: str) -> frozenset[str]:
        """What is given, separated by commas."""
        given = self._query.get(name, "").split(",")
        return frozenset(each.strip() for each in given if each.strip())

    def truth(self, name: str) -> bool | None:
        """Whether it is so; None where nothing is said."""
        return None if self.text(name) is None else is_true(self._query, name)

    def number(self, name: str, *, absent: int) -> int:
        """A number from 0 on. Raises BadRequest."""
        return number(self._query, name, absent=absent)

    def time(self, name: str) -> datetime | None:
        """A time with its zone. Raises BadRequest."""
        text = self.text(name)
        return None if text is None else time_in(text, name)

    def duration(self, name: str, *, absent: timedelta) -> timedelta:
        """A duration such as `1h30m`. Raises BadRequest."""
        text = self.text(name)
        if text is None:
            return absent
        try:
            return parse_duration(text)
        except InvalidDuration:
            problem = f'invalid {name}: "{header_safe(text)}" is no duration such as 15m or 24h'
            raise BadRequest(problem) from None

    def one_of(self, name: str, allowed: Sequence[str], *, absent: str) -> str:
        """One of the words allowed. Raises BadRequest."""
        text = self.text(name) or absent
        if text not in allowed:
            known = ", ".join(allowed)
            raise BadRequest(f'invalid {name}: "{header_safe(text)}"; allowed: {known}')
        return text

    def reading(self, resource: str, *, unlimited: int = 0) -> Reading:
        """Which part is wanted, and in which order; the newest first unless told otherwise.
        `unlimited`: the limit where none is given, 0 for the usual one. Raises BadRequest."""
        order = self.one_of("order", (_NEWEST, _OLDEST), absent=_NEWEST)
        newest_first = order == _NEWEST
        limit = self.number("limit", absent=0) or unlimited or _USUAL
        after, before = self.number("after", absent=0), self.number("before", absent=0) or None
        if token := self.text("continue"):
            place = read_place(token, resource, newest_first=newest_first)
            after, before = (after, place) if newest_first else (place, before)
        return Reading(
            after=after,
            before=before,
            newest_first=newest_first,
            limit=limit if unlimited else min(limit, _MOST_AT_ONCE),
        )
