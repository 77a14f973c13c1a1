"""Answers about single facts: the newest ones, those of one lab, those that follow."""

import asyncio
from collections.abc import Sequence

from application.event_log.closing import closing_early
from application.event_log.incarnations import Incarnations
from application.event_log.labs import is_lab_stream, key_of, stream_of
from application.event_log.past import require_kept, require_reached
from application.mediator.fact_questions import (
    FactPage,
    FactsAfter,
    FactsOfLab,
    GetFact,
    LabFact,
    RecentFacts,
)
from application.mediator.mediator import Mediator
from application.ports.event_store import EventStore, RecordedEvent
from domain.api_object.events import ApiObjectEvent

_SCANNED = 10_000
_TURN = 64


class FactQueries:
    """Answers GetFact, RecentFacts, FactsOfLab and FactsAfter from the log itself."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._incarnations = Incarnations(store)

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        mediator.on_query(GetFact, self.get)
        mediator.on_query(RecentFacts, self.recent)
        mediator.on_query(FactsOfLab, self.of_lab)
        mediator.on_query(FactsAfter, self.after)

    async def get(self, question: GetFact) -> LabFact | None:
        """None when there is no such fact."""
        stream = stream_of(question.key)
        async for recorded in self._store.read_stream(stream, from_version=question.version):
            return await self._fact(recorded)
        return None

    async def recent(self, question: RecentFacts) -> FactPage:
        """Raises as `require_reached` does."""
        upto = await self._upto(question.upto)
        found: list[RecordedEvent] = []
        scanned = 0
        async with closing_early(self._store.read_back()) as reading:
            async for recorded in reading:
                scanned += 1
                seen = recorded.position <= question.after
                if seen or recorded.recorded_at < question.since or scanned > _SCANNED:
                    break
                if recorded.position <= upto and _is_in(recorded, question.namespace):
                    found.append(recorded)
                if len(found) == question.limit:
                    break
        return FactPage(facts=await self._facts(found[::-1]), position=upto)

    async def of_lab(self, question: FactsOfLab) -> FactPage:
        """Raises as `require_reached` does."""
        upto = await self._upto(question.upto)
        found: list[RecordedEvent] = []
        stream = stream_of(question.key)
        async with closing_early(self._store.read_stream(stream, backwards=True)) as reading:
            async for recorded in reading:
                if recorded.position <= question.after:
                    break
                if recorded.position <= upto:
                    found.append(recorded)
                if len(found) == question.limit:
                    break
        return FactPage(facts=await self._facts(found[::-1]), position=upto)

    async def after(self, question: FactsAfter) -> FactPage:
        """The position is how far was read: `upto`, or less when there is more. Raises
        ResourceVersionExpired."""
        await require_kept(self._store, question.position)
        found: list[RecordedEvent] = []
        reached = question.upto
        async with closing_early(self._store.read_all(after=question.position)) as reading:
            async for recorded in reading:
                if recorded.position > question.upto:
                    break
                if is_lab_stream(recorded.stream):
                    found.append(recorded)
                if len(found) == question.limit:
                    reached = recorded.position
                    break
        return FactPage(facts=await self._facts(found), position=reached)

    async def _upto(self, asked: int | None) -> int:
        if asked is None:
            return await self._store.head()
        await require_reached(self._store, asked)
        return asked

    async def _facts(self, found: Sequence[RecordedEvent]) -> Sequence[LabFact]:
        facts: list[LabFact] = []
        for recorded in found:
            facts.append(await self._fact(recorded))
            if len(facts) % _TURN == 0:
                await asyncio.sleep(0)
        return facts

    async def _fact(self, recorded: RecordedEvent) -> LabFact:
        uid = await self._incarnations.uid_of(recorded)
        event = recorded.event
        assert not isinstance(event, ApiObjectEvent), "a lab's stream holds its events only"  # noqa: S101
        return LabFact(key=key_of(recorded.stream), uid=uid, event=event, recorded=recorded)


def _is_in(recorded: RecordedEvent, namespace: str | None) -> bool:
    if not is_lab_stream(recorded.stream):
        return False
    return namespace is None or key_of(recorded.stream).namespace == namespace
