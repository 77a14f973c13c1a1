"""From what happened to what is told of it."""

from typing import Any

import msgspec

from api.audit.difference import differences
from api.audit.history_documents import CauseDocument, HistoryEntryDocument
from api.audit.sheet import exact
from api.events.sentences import sentence_of
from api.labs.rendering import document_of
from application.mediator.history_questions import Happening
from application.ports.event_store import RecordedEvent
from application.ports.views import LabInstanceView
from domain.api_object.events import ApiObjectEvent
from domain.lab_instance.end_facts import Deleted


class HistoryRendering:
    """Entries one after another: what was after one is before the next."""

    def __init__(self) -> None:
        self._known: dict[int, Any] = {}

    def entry(self, one: Happening) -> HistoryEntryDocument:
        """The entry of one event."""
        recorded, event = one.recorded, one.recorded.event
        about = one.after or one.before
        metadata = recorded.metadata
        before, after = self._plain(one.before), self._plain(one.after)
        self._known = {id(one.before): before, id(one.after): after}
        return HistoryEntryDocument(
            position=str(recorded.position),
            version=recorded.version,
            type=recorded.type,
            sentence=_sentence(recorded),
            uid=about.lab.uid if about else None,
            actor=metadata.get("actor", ""),
            user_agent=metadata.get("userAgent", ""),
            command_id=metadata.get("commandId", ""),
            correlation_id=metadata.get("$correlationId", ""),
            causation_id=metadata.get("$causationId", ""),
            cause=_cause(one.cause),
            traceparent=metadata.get("traceparent", ""),
            time=exact(event.at),
            recorded_at=exact(recorded.recorded_at),
            reason=getattr(event, "reason", None) or None,
            message=getattr(event, "message", None) or None,
            proof=getattr(event, "proof", None) or None,
            left_behind=(event.left_behind or None) if isinstance(event, Deleted) else None,
            hash=metadata.get("hash"),
            difference=differences(before, after),
        )

    def _plain(self, view: LabInstanceView | None) -> Any:
        if view is None:
            return None
        known = self._known.get(id(view))
        return msgspec.to_builtins(document_of(view)) if known is None else known


def _cause(cause: RecordedEvent | None) -> CauseDocument | None:
    if cause is None:
        return None
    return CauseDocument(position=str(cause.position), version=cause.version, type=cause.type)


def _sentence(recorded: RecordedEvent) -> str:
    if isinstance(recorded.event, ApiObjectEvent):
        return ""
    return sentence_of(recorded.event, recorded.type).message


def because(one: Happening) -> str:
    """When, by whom and what, in a line for people."""
    recorded = one.recorded
    actor = recorded.metadata.get("actor", "") or "somebody unknown"
    return f"{exact(recorded.event.at)} {actor}: {_sentence(recorded)}"
