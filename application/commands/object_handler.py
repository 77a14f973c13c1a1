"""Carries out every command on an object: load, decide, append. It writes nothing else."""

from collections.abc import Sequence

from application.commands.lab_handler import as_new_events
from application.commands.open_namespaces import OpenNamespaces
from application.commands.preconditions import check_precondition
from application.event_log.api_objects import API_OBJECTS, next_view, stream_of
from application.event_log.derived import Views, reread
from application.event_log.loading import Loaded, load
from application.event_log.progress import Progress
from application.mediator.mediator import ApiObjectOutcome, CommandOutcome, RequestContext
from application.ports.clock import Clock
from application.ports.event_store import EventStore
from application.ports.views import ApiObjectView
from domain.api_object.commands import ApiObjectCommand, DeclareApiObject
from domain.api_object.decide import decide
from domain.api_object.events import ApiObjectEvent, RemovalRequested
from domain.api_object.key import ApiObjectKey, ApiObjectKind


class ApiObjectCommandHandler:
    """Handles every member of ApiObjectCommand. `written` learns how far this process has
    appended, and `namespaces` which of them close; `views` know what was carried out before."""

    def __init__(
        self,
        store: EventStore,
        clock: Clock,
        *,
        written: Progress,
        namespaces: OpenNamespaces,
        views: Views[ApiObjectKey, ApiObjectView],
    ) -> None:
        self._views = views
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
            read = await reread(API_OBJECTS, self._store, self._views, key, context.command_id)
            if read.earlier is not None:
                return _unchanged(read.earlier.view)
            loaded = read.now
        else:
            loaded = await load(API_OBJECTS, self._store, key)
        if isinstance(command, DeclareApiObject) and key.kind is not ApiObjectKind.NAMESPACE:
            await self._namespaces.admit(key.namespace, name=key.name, key=key)
        check_precondition(API_OBJECTS.present(loaded.view), command)
        api_object = loaded.view.api_object if loaded.view else None
        facts = decide(api_object, command, self._clock.now())
        if not facts:
            return _unchanged(loaded.view)
        return await self._append(loaded, command, facts, context)

    async def _append(
        self,
        loaded: Loaded[ApiObjectView],
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
        return CommandOutcome(view=view, position=position, changed=True)

    def _close(self, command: ApiObjectCommand) -> None:
        if command.key.kind is ApiObjectKind.NAMESPACE:
            self._namespaces.close(command.key.name)


def _unchanged(view: ApiObjectView | None) -> ApiObjectOutcome:
    position = view.resource_version if view else 0
    return CommandOutcome(view=view, position=position, changed=False)
