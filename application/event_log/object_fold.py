"""Folds events into the views of API objects."""

from typing import TypeGuard

from application.ports.event_store import RecordedEvent
from application.ports.object_views import ApiObjectChange, ApiObjectView
from domain.api_object.events import (
    ApiObjectDeclared,
    ApiObjectEdited,
    ApiObjectEvent,
    ApiObjectRemoved,
    ApiObjectReplaced,
    RemovalRequested,
)
from domain.api_object.evolve import evolve

_FACTS = (
    ApiObjectDeclared,
    ApiObjectReplaced,
    ApiObjectEdited,
    RemovalRequested,
    ApiObjectRemoved,
)


def is_api_object_event(event: object) -> TypeGuard[ApiObjectEvent]:
    """Whether the event is about an object, and not about a lab."""
    return isinstance(event, _FACTS)


def next_view(view: ApiObjectView | None, recorded: RecordedEvent) -> ApiObjectView | None:
    """The view after `recorded`. One that is gone keeps a view that says so."""
    event = recorded.event
    if not is_api_object_event(event):
        return view
    after = evolve(view.api_object if view else None, event)
    if after is None:
        return view
    return ApiObjectView(api_object=after, resource_version=recorded.position)


def present(view: ApiObjectView | None) -> ApiObjectView | None:
    """The view, if there is an object now."""
    return None if view is None or view.api_object.removed else view


def change_of(view: ApiObjectView | None, recorded: RecordedEvent) -> ApiObjectChange | None:
    """The change that `recorded` makes to the object; None when it makes none."""
    now = next_view(view, recorded)
    if now is None or now is view:
        return None
    gone = now.api_object.removed
    return ApiObjectChange(
        position=recorded.position,
        key=now.api_object.key,
        before=present(view),
        after=None if gone else now,
        removed=now if gone else None,
    )
