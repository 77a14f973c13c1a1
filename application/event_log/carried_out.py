"""Commands that their senders may repeat, as the events that they led to tell of them."""

from collections.abc import Sequence
from uuid import UUID

from application.ports.event_store import RecordedEvent
from application.ports.views import CarriedOut

_FROM_A_KEY = 5
_VERSION_DIGIT = 14


def is_from_a_key(command: UUID) -> bool:
    """Whether the id follows from something that its sender chose: only such commands are
    looked for again. All others have ids of chance."""
    return command.version == _FROM_A_KEY


def carried_out(events: Sequence[RecordedEvent]) -> Sequence[CarriedOut]:
    """Of the commands behind these events, those that may be repeated; each with its last
    event."""
    found: dict[str, CarriedOut] = {}
    for recorded in events:
        command = recorded.metadata.get("commandId", "")
        if command[_VERSION_DIGIT : _VERSION_DIGIT + 1] == str(_FROM_A_KEY):
            found[command] = CarriedOut(
                command=UUID(command), version=recorded.version, position=recorded.position
            )
    return tuple(found.values())
