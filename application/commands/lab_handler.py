"""Carries out every command on a lab: load, decide, append. It writes nothing else."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from application.commands.preconditions import check_precondition
from application.commands.repeats import check_repeats
from application.event_log.labs import LABS, next_view, stream_of
from application.event_log.loading import Loaded, reread
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs
from application.mediator.mediator import CommandOutcome, LabOutcome, RequestContext
from application.ports.clock import Clock
from application.ports.event_store import (
    EventStore,
    Fact,
    NewEvent,
    StreamConflict,
)
from application.ports.views import LabInstanceView
from domain.errors import DomainError
from domain.lab_instance.commands import CreateLabInstance, LabInstanceCommand
from domain.lab_instance.decide import decide
from domain.lab_instance.events import LabInstanceEvent

_NOTHING: Loaded[LabInstanceView] = Loaded(view=None, last=None)


class LabInstanceCommandHandler:
    """Handles every member of LabInstanceCommand.

    A command that its sender may repeat, and that was carried out before, changes nothing
    and answers as it did then. `written` learns how far this process has appended, and
    `recent` what the labs were like then.
    """

    def __init__(
        self, store: EventStore, clock: Clock, *, written: Progress, recent: RecentLabs
    ) -> None:
        self._store = store
        self._clock = clock
        self._written = written
        self._recent = recent

    async def __call__(self, command: LabInstanceCommand, context: RequestContext) -> LabOutcome:
        """Raises DomainError when refused, StreamConflict when another writer was faster,
        EventStoreUnavailable when nothing can be said about the outcome, RepeatedDifferently
        when another command had the same id."""
        # For speed, decision 24.
        outcome = await self._bet(command, context)
        if outcome is not None:
            return outcome
        if context.repeatable:
            read = await reread(LABS, self._store, command.lab, context.command_id)
            if read.earlier is not None:
                return _repeated(command, read.earlier)
            loaded = read.now
        else:
            loaded = await self._recent.load(self._store, command.lab)
        facts = _decided(loaded, command, self._clock.now())
        if not facts:
            return _unchanged(loaded)
        return await self._append(loaded, command, facts, context)

    async def earlier(
        self, command: LabInstanceCommand, context: RequestContext
    ) -> LabOutcome | None:
        """What the same command led to before; None where it was never carried out, or its sender
        does not repeat. Raises RepeatedDifferently, and EventStoreUnavailable."""
        if not context.repeatable:
            return None
        read = await reread(LABS, self._store, command.lab, context.command_id)
        return None if read.earlier is None else _repeated(command, read.earlier)

    async def _bet(
        self, command: LabInstanceCommand, context: RequestContext
    ) -> LabOutcome | None:
        """Spare the read: bet that a name to be created is new, and that a lab is as this
        process wrote it last. The store checks the bet; None means that it was lost, or that
        it leads to no append, which only the lab as it is now may decide."""
        if isinstance(command, CreateLabInstance):
            remembered: Loaded[LabInstanceView] | None = _NOTHING
        else:
            remembered = None if context.repeatable else self._recent.get(command.lab)
        if remembered is None:
            return None
        try:
            facts = _decided(remembered, command, self._clock.now())
            return await self._append(remembered, command, facts, context) if facts else None
        except (DomainError, StreamConflict):
            self._recent.forget(command.lab)
            return None

    async def _append(
        self,
        loaded: Loaded[LabInstanceView],
        command: LabInstanceCommand,
        facts: Sequence[LabInstanceEvent],
        context: RequestContext,
    ) -> LabOutcome:
        recorded = await self._store.append(
            stream_of(command.lab), as_new_events(facts, context), expected=loaded.tip
        )
        last = recorded[-1]
        self._written.advance(last.position)
        view = loaded.view
        for event in recorded:
            view = next_view(view, event)
        if context.repeatable and view is not None:
            check_repeats(command, view.lab)
        self._recent.remember(command.lab, Loaded(view=view, last=last))
        return CommandOutcome(view=view, position=last.position, changed=True)


def _decided(
    loaded: Loaded[LabInstanceView], command: LabInstanceCommand, now: datetime
) -> Sequence[LabInstanceEvent]:
    check_precondition(LABS.present(loaded.view), command)
    return decide(loaded.view.lab if loaded.view else None, command, now)


def as_new_events(facts: Sequence[Fact], context: RequestContext) -> Sequence[NewEvent]:
    """The facts as they are to be stored. Their ids follow from the command's, from which they
    differ in the last digits: so a command that is repeated repeats the ids."""
    metadata, command_id = _metadata(context), context.command_id.int
    return [
        NewEvent(id=UUID(int=command_id ^ number), event=fact, metadata=metadata)
        for number, fact in enumerate(facts, 1)
    ]


def _metadata(context: RequestContext) -> Mapping[str, str]:
    return {
        "$correlationId": context.correlation_id,
        "$causationId": context.causation_id,
        "commandId": str(context.command_id),
        "actor": context.actor,
        "userAgent": context.user_agent,
        "traceparent": context.traceparent,
    }


def _repeated(command: LabInstanceCommand, earlier: Loaded[LabInstanceView]) -> LabOutcome:
    if earlier.view is not None:
        check_repeats(command, earlier.view.lab)
    return _unchanged(earlier)


def _unchanged(loaded: Loaded[LabInstanceView]) -> LabOutcome:
    position = loaded.last.position if loaded.last else 0
    return CommandOutcome(view=loaded.view, position=position, changed=False)
