"""Answers what was different between two moments."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

from application.event_log.closing import closing_early
from application.event_log.labs import is_lab_stream, key_of
from application.event_log.moments import Moments
from application.mediator.mediator import Mediator
from application.mediator.past_questions import DifferencePage, GetDifferences, LabDifference
from application.mediator.questions import AtPosition, ListLabInstances
from application.ports.event_store import EventStore
from application.ports.selectors import FieldRequirement, LabField, ViewFilter
from application.ports.views import LabInstanceView
from application.queries.past_labs import PastLabs
from application.structures.remembered import Remembered
from domain.lab_instance.key import LabKey

_READ_BETWEEN = 20_000
_SPANS = 8
_CHUNK = 200

_Touched = Sequence[LabKey] | None


class DifferenceQueries:
    """Answers GetDifferences. Between two moments that are near each other, the log tells which
    names were touched, and only those are folded; else both fleets are, side by side."""

    def __init__(self, store: EventStore, past: PastLabs, moments: Moments) -> None:
        self._store = store
        self._past = past
        self._moments = moments
        self._spans: Remembered[tuple[int, int], tuple[_Touched]] = Remembered(_SPANS)

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        mediator.on_query(GetDifferences, self.find)

    async def find(self, question: GetDifferences) -> DifferencePage:
        """Raises ResourceVersionTooLarge, ResourceVersionExpired, and what the store raises."""
        earlier = await self._moments.position_of(question.earlier)
        later = await self._moments.position_of(question.later)
        found: list[LabDifference] = []
        names = 0
        async with aclosing(self._side_by_side(question, earlier, later)) as pairs:
            async for key, before, after in pairs:
                different = _told(key, before, after, question.wanted)
                names += bool(different)
                if names > question.limit:
                    break
                found += different
        more = names > question.limit
        return DifferencePage(differences=found, more=more, earlier=earlier, later=later)

    async def _side_by_side(
        self, question: GetDifferences, earlier: int, later: int
    ) -> AsyncGenerator["_Pair", None]:
        """What may have become different, in the order of the keys."""
        touched = await self._touched(min(earlier, later), max(earlier, later))
        if touched is None:
            async for pair in self._fleets(question, earlier, later):
                yield pair
            return
        for key in touched:
            if (question.after is None or key > question.after) and _may_have(question, key):
                before = await self._past.get(key, earlier)
                yield key, before, await self._past.get(key, later)

    async def _touched(self, after: int, upto: int) -> _Touched:
        """The names of labs that something happened to; None where too much did."""
        known = self._spans.get((after, upto))
        if known is None:
            known = (await self._read_touched(after, upto),)
            self._spans.put((after, upto), known)
        return known[0]

    async def _read_touched(self, after: int, upto: int) -> _Touched:
        touched: set[str] = set()
        read = 0
        async with closing_early(self._store.read_all(after=after)) as reading:
            async for recorded in reading:
                if recorded.position > upto:
                    break
                read += 1
                if read > _READ_BETWEEN:
                    return None
                if is_lab_stream(recorded.stream):
                    touched.add(recorded.stream)
        return sorted(map(key_of, touched))

    async def _fleets(
        self, question: GetDifferences, earlier: int, later: int
    ) -> AsyncIterator["_Pair"]:
        left, right = self._all(question, earlier), self._all(question, later)
        first, second = await anext(left, None), await anext(right, None)
        while first or second:
            key = min(view.lab.key for view in (first, second) if view)
            mine = first if first and first.lab.key == key else None
            theirs = second if second and second.lab.key == key else None
            yield key, mine, theirs
            first = await anext(left, None) if mine else first
            second = await anext(right, None) if theirs else second

    async def _all(
        self, question: GetDifferences, position: int
    ) -> AsyncGenerator[LabInstanceView, None]:
        after, moment = question.after, AtPosition(position=position)
        wanted = ViewFilter(fields=_places(question.wanted))
        while True:
            asked = ListLabInstances(wanted=wanted, moment=moment, after=after, limit=_CHUNK)
            page = await self._past.find(asked, position)
            for view in page.views:
                yield view
            if not page.more:
                return
            after = page.views[-1].lab.key


_Pair = tuple[LabKey, LabInstanceView | None, LabInstanceView | None]


def _told(
    key: LabKey, before: LabInstanceView | None, after: LabInstanceView | None, wanted: ViewFilter
) -> Sequence[LabDifference]:
    sides = [view for view in (before, after) if view is not None]
    if not any(wanted.matches(view.lab) for view in sides):
        return ()
    if before is not None and after is not None:
        if before.lab.uid != after.lab.uid:
            return (
                LabDifference(key=key, before=before, after=None),
                LabDifference(key=key, before=None, after=after),
            )
        if before.lab == after.lab:
            return ()
    return (LabDifference(key=key, before=before, after=after),)


def _places(wanted: ViewFilter) -> tuple[FieldRequirement, ...]:
    """What of a filter is true of a name at all times."""
    places = (LabField.NAMESPACE, LabField.NAME)
    return tuple(one for one in wanted.fields if one.field in places)


def _may_have(question: GetDifferences, key: LabKey) -> bool:
    values = {LabField.NAMESPACE: key.namespace, LabField.NAME: key.name}
    return all((values[one.field] == one.value) != one.negated for one in _places(question.wanted))
