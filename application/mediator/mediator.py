"""One door to the use cases: commands, queries and notifications find their handlers here.

Handlers are registered explicitly, once, in bootstrap. Behaviours wrap every command.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast, overload
from uuid import UUID

from application.ports.views import ApiObjectView, LabInstanceView
from domain.api_object.commands import ApiObjectCommand
from domain.lab_instance.commands import LabInstanceCommand

Answer = TypeVar("Answer")
View = TypeVar("View", LabInstanceView, ApiObjectView)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """Who asks, and what the request belongs to. Recorded with every event it leads to.

    `repeatable`: the caller chose `command_id` and may send the same command again.
    """

    command_id: UUID
    correlation_id: str
    causation_id: str
    actor: str
    user_agent: str
    traceparent: str
    repeatable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOutcome(Generic[View]):
    """The lab after the command (None when there is none of that name), or the object, one that
    is gone as it was last; the position of the last event the command recorded, and whether it
    recorded any, now or when it came first."""

    view: View | None
    position: int
    changed: bool


LabOutcome = CommandOutcome[LabInstanceView]
ApiObjectOutcome = CommandOutcome[ApiObjectView]


class Query(Generic[Answer]):
    """A question with an answer of a known type; questions never change anything."""

    __slots__ = ()


Command = LabInstanceCommand | ApiObjectCommand
Outcome = LabOutcome | ApiObjectOutcome

CommandHandler = Callable[[Any, RequestContext], Awaitable[Outcome]]
Behaviour = Callable[[Any, RequestContext, CommandHandler], Awaitable[Outcome]]
QueryHandler = Callable[[Any], Awaitable[Any]]
NotificationHandler = Callable[[Any], Awaitable[None]]


class UnhandledRequest(Exception):
    """A command or query has no handler: a mistake in the wiring."""

    def __init__(self, kinds: Sequence[type]) -> None:
        super().__init__(f"no handler for {', '.join(kind.__name__ for kind in kinds)}")


class Mediator:
    """Sends a command to its one handler, a query to its one handler, and a notification to
    all of its handlers in the order of their registration."""

    def __init__(self, behaviours: Sequence[Behaviour]) -> None:
        self._behaviours = tuple(behaviours)
        self._commands: dict[type, CommandHandler] = {}
        self._queries: dict[type, QueryHandler] = {}
        self._notifications: dict[type, list[NotificationHandler]] = {}

    def on_command(self, kind: type, handler: CommandHandler) -> None:
        """Let `handler` take commands of this type, inside the behaviours, outermost first."""
        for behaviour in reversed(self._behaviours):
            handler = _wrapped(behaviour, handler)
        self._commands[kind] = handler

    def on_query(
        self, kind: type[Query[Answer]], handler: Callable[[Any], Awaitable[Answer]]
    ) -> None:
        """Let `handler` answer queries of this type."""
        self._queries[kind] = handler

    def on_notification(self, kind: type, handler: NotificationHandler) -> None:
        """Let `handler` hear notifications of this type too."""
        self._notifications.setdefault(kind, []).append(handler)

    def require(self, kinds: Iterable[type]) -> None:
        """Raise UnhandledRequest unless every kind of command or query has a handler."""
        missing = [kind for kind in kinds if kind not in self._commands | self._queries]
        if missing:
            raise UnhandledRequest(missing)

    @overload
    async def send(self, command: LabInstanceCommand, context: RequestContext) -> LabOutcome:
        """For labs."""

    @overload
    async def send(self, command: ApiObjectCommand, context: RequestContext) -> ApiObjectOutcome:
        """For objects."""

    async def send(self, command: Command, context: RequestContext) -> Any:
        """Carry out the command. Raises what its handler raises."""
        handler = self._commands.get(type(command))
        if handler is None:
            raise UnhandledRequest([type(command)])
        return await handler(command, context)

    async def ask(self, query: Query[Answer]) -> Answer:
        """Answer the query. Raises what its handler raises."""
        handler = self._queries.get(type(query))
        if handler is None:
            raise UnhandledRequest([type(query)])
        return cast("Answer", await handler(query))

    async def publish(self, notification: object) -> None:
        """Tell everybody who listens; nobody listening is fine."""
        for handler in self._notifications.get(type(notification), ()):
            await handler(notification)


def _wrapped(behaviour: Behaviour, inner: CommandHandler) -> CommandHandler:
    def call(command: Command, context: RequestContext) -> Awaitable[Outcome]:
        return behaviour(command, context, inner)

    return call
