"""Carries out every command on a lab: load, decide, append. It writes nothing else."""

from collections.abc import Mapping, Sequence
from uuid import uuid5

from application.loading import Loaded, find_earlier, load
from application.mediator import CommandOutcome, RequestContext
from application.ports.clock import Clock
from application.ports.event_store import (
    EMPTY,
    EventStore,
    NewEvent,
    RecordedEvent,
    StreamConflict,
)
from application.preconditions import check_precondition
from application.progress import Progress
from application.streams import stream_of
from application.views import next_view
from domain.lab_instance.commands import CreateLabInstance, LabInstanceCommand
from domain.lab_instance.decide import decide
from domain.lab_instance.events import LabInstanceEvent

_NOTHING = Loaded(view=None, tip=EMPTY, last=None)


class LabInstanceCommandHandler:
    """Handles every member of LabInstanceCommand.

    A command that its sender may repeat, and that was carried out before, changes nothing
    and answers as it did then. `written` learns how far this process has appended.
    """

    def __init__(self, store: EventStore, clock: Clock, written: Progress) -> None:
        self._store = store
        self._clock = clock
        self._written = written

    async def __call__(
        self, command: LabInstanceCommand, context: RequestContext
    ) -> CommandOutcome:
        """Raises DomainError when refused, StreamConflict when another writer was faster,
        EventStoreUnavailable when nothing can be said about the outcome."""
        if isinstance(command, CreateLabInstance):
            # Most names are new: bet on it and spare the read; the store checks the bet.
            try:
                return await self._carry_out(_NOTHING, command, context)
            except StreamConflict:
                pass
        if context.repeatable:
            earlier = await find_earlier(self._store, command.lab, context.command_id)
            if earlier is not None:
                return _unchanged(earlier)
        loaded = await load(self._store, command.lab)
        return await self._carry_out(loaded, command, context)

    async def _carry_out(
        self, loaded: Loaded, command: LabInstanceCommand, context: RequestContext
    ) -> CommandOutcome:
        check_precondition(loaded.view, command)
        lab = loaded.view.lab if loaded.view else None
        facts = decide(lab, command, self._clock.now())
        if not facts:
            return _unchanged(loaded)
        recorded = await self._store.append(
            stream_of(command.lab), _as_new_events(facts, context), expected=loaded.tip
        )
        last = recorded[-1]
        self._written.advance(last.position)
        view = loaded.view
        for event in recorded:
            view = next_view(view, event)
        return CommandOutcome(view=view, position=last.position, changed=True)


def _as_new_events(
    facts: Sequence[LabInstanceEvent], context: RequestContext
) -> Sequence[NewEvent]:
    metadata = _metadata(context)
    return [
        NewEvent(id=uuid5(context.command_id, str(index)), event=fact, metadata=metadata)
        for index, fact in enumerate(facts)
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


def _unchanged(loaded: Loaded) -> CommandOutcome:
    last: RecordedEvent | None = loaded.last
    return CommandOutcome(view=loaded.view, position=last.position if last else 0, changed=False)
