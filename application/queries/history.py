"""Answers what happened under a name, event by event, beginning anywhere; and why."""

from collections.abc import Sequence
from itertools import islice

from application.event_log.labs import stream_of
from application.event_log.moments import Moments
from application.event_log.window import Window, last_version, window
from application.mediator.history_questions import (
    GetHistory,
    GetReasons,
    Happening,
    HistoryFilter,
    HistoryPage,
    Reasons,
)
from application.mediator.mediator import Mediator
from application.mediator.questions import Latest
from application.ports.audit_records import AuditRecords
from application.ports.event_store import EventStore
from application.ports.views import LabInstanceView
from domain.errors import LabInstanceNotFound

_LOOKED_AT = 1000
_LONGEST_CHAIN = 50


class HistoryQueries:
    """Answers GetHistory and GetReasons from the lab's stream, as far as it can be read."""

    def __init__(self, store: EventStore, records: AuditRecords, moments: Moments) -> None:
        self._store = store
        self._records = records
        self._moments = moments

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        mediator.on_query(GetHistory, self.history)
        mediator.on_query(GetReasons, self.reasons)

    async def history(self, question: GetHistory) -> HistoryPage:
        """Raises LabInstanceNotFound when nothing was ever recorded under the name."""
        key, beside = question.key, question.beside
        looked_at = question.limit if question.wanted.takes_all else _LOOKED_AT
        if question.newest_first:
            end = beside - 1 if beside else await last_version(self._store, key)
            begin = max(0, end - looked_at)
            part = await window(self._store, self._records, key, begin=begin, end=end)
            page = _newest_first(part, question)
        else:
            end = beside + looked_at
            part = await window(self._store, self._records, key, begin=beside, end=end)
            page = _oldest_first(part, question)
        if not (part.happenings or beside or part.undecodable):
            raise LabInstanceNotFound(key.namespace, key.name)
        return page

    async def reasons(self, question: GetReasons) -> Reasons:
        """Raises LabInstanceNotFound when nothing was there yet."""
        key = question.key
        end = await self._version_at(question)
        begin = max(0, end - _LOOKED_AT)
        part = await window(self._store, self._records, key, begin=begin, end=end)
        turns = [one for one in part.happenings if _is_a_turn(one)]
        if not turns or turns[-1].after is None:
            raise LabInstanceNotFound(key.namespace, key.name)
        chain, more = _chain(part, turns[-1])
        return Reasons(view=turns[-1].after, chain=chain, more=more and begin > 0)

    async def _version_at(self, question: GetReasons) -> int:
        """The last version of the stream that belongs to the moment; 0 for none."""
        if isinstance(question.moment, Latest):
            return await last_version(self._store, question.key)
        position = await self._moments.position_of(question.moment)
        stream = stream_of(question.key)
        async for recorded in self._store.read_stream(stream, backwards=True):
            if recorded.position <= position:
                return recorded.version
        return 0


def _oldest_first(part: Window, question: GetHistory) -> HistoryPage:
    found = list(islice(_wanted(part, question.wanted), question.limit + 1))
    rest = part.end if part.more else None
    if len(found) > question.limit:
        found.pop()
        rest = found[-1].recorded.version
    return HistoryPage(happenings=found, rest=rest, undecodable=part.undecodable)


def _newest_first(part: Window, question: GetHistory) -> HistoryPage:
    found = list(_wanted(part, question.wanted))[-question.limit - 1 :]
    rest = part.begin + 1 if part.begin else None
    if len(found) > question.limit:
        found.pop(0)
        rest = found[0].recorded.version
    return HistoryPage(happenings=found[::-1], rest=rest, undecodable=part.undecodable)


def _wanted(part: Window, wanted: HistoryFilter) -> Sequence[Happening]:
    if wanted.takes_all:
        return part.happenings
    return [one for one in part.happenings if _is_wanted(one, wanted)]


def _is_wanted(one: Happening, wanted: HistoryFilter) -> bool:
    recorded, about = one.recorded, one.after or one.before
    at = recorded.event.at
    return (
        wanted.actor in (None, recorded.metadata.get("actor", ""))
        and (not wanted.types or recorded.type in wanted.types)
        and wanted.uid in (None, about.lab.uid if about else "")
        and (wanted.since is None or at >= wanted.since)
        and (wanted.until is None or at < wanted.until)
    )


def _is_a_turn(one: Happening) -> bool:
    """Whether it gave the lab its state, or what is said of it."""
    return one.after is not None and _state(one.before) != _state(one.after)


def _state(view: LabInstanceView | None) -> object:
    return (view.lab.state, view.lab.reason, view.lab.message) if view else None


def _chain(part: Window, last: Happening) -> tuple[Sequence[Happening], bool]:
    """From the last one to the first cause; whether there may be more before it."""
    by_version = {one.recorded.version: one for one in part.happenings}
    chain = [last]
    while chain[-1].cause is not None and len(chain) < _LONGEST_CHAIN:
        earlier = by_version.get(chain[-1].cause.version)
        if earlier is None:
            return chain, True
        chain.append(earlier)
    return chain, chain[-1].cause is not None
