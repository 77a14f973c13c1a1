"""Carries out every command on an object: load, decide, append. It writes nothing else."""

from collections.abc import Sequence

from application.commands.lab_handler import as_new_events
from application.commands.object_preconditions import check_precondition
from application.commands.open_namespaces import OpenNamespaces
from application.event_log.object_fold import next_view
from application.event_log.object_loading import LoadedApiObject, find_earlier, load
from application.event_log.object_streams import stream_of
from application.event_log.progress import Progress
from application.mediator.mediator import ApiObjectOutcome, RequestContext
from application.ports.clock import Clock
from application.ports.event_store import EventStore
from application.ports.object_views import ApiObjectView
from domain.api_object.commands import ApiObjectCommand, DeclareApiObject
from domain.api_object.decide import decide
from domain.api_object.events import ApiObjectEvent, RemovalRequested
from domain.api_object.key import ApiObjectKind


class ApiObjectCommandHandler:
    """Handles every member of ApiObjectCommand. `written` learns how far this process has
    appended, and `namespaces` which of them close."""

    def __init__(
        self, store: EventStore, clock: Clock, *, written: Progress, namespaces: OpenNamespaces
    ) -> None:
        self._store = store
        self._clock = clock
        self._written = written
        self._namespaces = namespaces

    async def __call__(
        self, command: ApiObjectCommand, context: RequestContext
    ) -> ApiObjectOutcome:
        """Raises DomainError when refused, StreamConflict when another writer was faster,
        EventStoreUnavailable when nothing can be said about the outcome."""
        key = command.key
        if context.repeatable:
            earlier = await find_earlier(self._store, key, context.command_id)
            if earlier is not None:
                return _unchanged(earlier)
        if isinstance(command, DeclareApiObject) and key.kind is not ApiObjectKind.NAMESPACE:
            await self._namespaces.admit(key.namespace, name=key.name, key=key)
        loaded = await load(self._store, key)
        check_precondition(loaded.view, command)
        api_object = loaded.view.api_object if loaded.view else None
        facts = decide(api_object, command, self._clock.now())
        if not facts:
            return _unchanged(loaded.view)
        return await self._append(loaded, command, facts, context)

    async def _append(
        self,
        loaded: LoadedApiObject,
        command: ApiObjectCommand,
        facts: Sequence[ApiObjectEvent],
        context: RequestContext,
    ) -> ApiObjectOutcome:
        recorded = await self._store.append(
            stream_of(command.key), as_new_events(facts, context), expected=loaded.tip
        )
        position = recorded[-1].position
        self._written.advance(position)
        view = loaded.view
        for event in recorded:
            view = next_view(view, event)
            if isinstance(event.event, RemovalRequested):
                self._close(command)
        return ApiObjectOutcome(view=view, position=position, changed=True)

    def _close(self, command: ApiObjectCommand) -> None:
        if command.key.kind is ApiObjectKind.NAMESPACE:
            self._namespaces.close(command.key.name)


def _unchanged(view: ApiObjectView | None) -> ApiObjectOutcome:
    position = view.resource_version if view else 0
    return ApiObjectOutcome(view=view, position=position, changed=False)
