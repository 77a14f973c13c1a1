"""Answers what is asked of the audit's records, once they hold all that the log holds."""

from collections.abc import Sequence
from typing import TypeVar

from application.event_log.progress import Progress
from application.mediator.audit_questions import (
    AuditAnswer,
    GetActs,
    GetCounts,
    GetJournal,
    GetLives,
    GetUsage,
)
from application.mediator.mediator import Mediator
from application.ports.audit_records import Act, AuditRecords, Counts, Life, Transition, Usage
from application.ports.event_store import EventStore
from application.ports.read_model import ReadModelUnavailable

T = TypeVar("T")


class AuditQueries:
    """Answers the audit's questions.

    An answer holds what the log held when it was asked for. Records that are not so far within
    `patience` seconds, because they are being made, are an outage that names how far they are.
    """

    def __init__(
        self, store: EventStore, records: AuditRecords, *, recorded: Progress, patience: float
    ) -> None:
        self._store = store
        self._records = records
        self._recorded = recorded
        self._patience = patience

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        mediator.on_query(GetActs, self.acts)
        mediator.on_query(GetLives, self.lives)
        mediator.on_query(GetUsage, self.usage)
        mediator.on_query(GetCounts, self.counts)
        mediator.on_query(GetJournal, self.journal)

    async def acts(self, question: GetActs) -> AuditAnswer[Act]:
        """Raises ReadModelUnavailable and what the store raises, as the others do."""
        await self._caught_up()
        return await self._answer(await self._records.acts(question.wanted, question.reading))

    async def lives(self, question: GetLives) -> AuditAnswer[Life]:
        """See `acts`."""
        await self._caught_up()
        return await self._answer(await self._records.lives(question.wanted, question.reading))

    async def usage(self, question: GetUsage) -> AuditAnswer[Usage]:
        """See `acts`."""
        await self._caught_up()
        return await self._answer(await self._records.usage(question.question))

    async def counts(self, question: GetCounts) -> AuditAnswer[Counts]:
        """See `acts`."""
        await self._caught_up()
        since, step, number = question.since, question.step, question.number
        return await self._answer(await self._records.counts(since, step, number))

    async def journal(self, question: GetJournal) -> AuditAnswer[Transition]:
        """See `acts`."""
        reached = await self._caught_up()
        upto = reached if question.upto is None else question.upto
        found = await self._records.journal(after=question.after, upto=upto, limit=question.limit)
        return await self._answer(found)

    async def _caught_up(self) -> int:
        """How far the records are: as far as the log was a moment ago."""
        head = await self._store.head()
        if not await self._recorded.reached(head, within=self._patience):
            reached, hindrance = self._recorded.position, self._recorded.hindrance
            raise ReadModelUnavailable(
                hindrance
                or f"the audit's records are being made, and have come to position {reached} of "
                f"{head}; ask again in a while"
            )
        return head

    async def _answer(self, found: Sequence[T]) -> AuditAnswer[T]:
        checkpoint = await self._records.checkpoint()
        if checkpoint is None:
            return AuditAnswer(found=found, position=0, log="")
        log = checkpoint.origin.partition(" ")[0]
        return AuditAnswer(found=found, position=checkpoint.position, log=log)
