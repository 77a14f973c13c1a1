"""Evolves API objects: the object after an event. Pure; never refuses."""

from dataclasses import replace
from typing import assert_never

from domain.api_object.api_object import ApiObject
from domain.api_object.events import (
    ApiObjectDeclared,
    ApiObjectEdited,
    ApiObjectEvent,
    ApiObjectRemoved,
    ApiObjectReplaced,
    RemovalRequested,
)
from domain.lab_instance.edits import edited_managers, edited_texts


def evolve(api_object: ApiObject | None, event: ApiObjectEvent) -> ApiObject | None:
    """The object after `event`; None stays None until one is declared."""
    if isinstance(event, ApiObjectDeclared):
        return _declared(event)
    if api_object is None:
        return None
    match event:
        case ApiObjectReplaced():
            return replace(
                api_object,
                labels=event.labels,
                annotations=event.annotations,
                finalizers=event.finalizers,
                content=event.content,
                managers=event.managers,
                changed_at=event.at,
            )
        case ApiObjectEdited():
            return _edited(api_object, event)
        case RemovalRequested():
            return replace(api_object, removal_requested_at=event.at, changed_at=event.at)
        case ApiObjectRemoved():
            return replace(api_object, removed=True, changed_at=event.at)
        case _:
            assert_never(event)


def _edited(api_object: ApiObject, event: ApiObjectEdited) -> ApiObject:
    return replace(
        api_object,
        labels=edited_texts(api_object.labels, event.labels),
        annotations=edited_texts(api_object.annotations, event.annotations),
        finalizers=event.finalizers,
        content=edited_texts(api_object.content, event.content),
        managers=edited_managers(api_object.managers, event.managers),
        changed_at=event.at,
    )


def _declared(event: ApiObjectDeclared) -> ApiObject:
    return ApiObject(
        key=event.key,
        uid=event.uid,
        labels=event.labels,
        annotations=event.annotations,
        finalizers=event.finalizers,
        content=event.content,
        managers=event.managers,
        declared_at=event.at,
        changed_at=event.at,
        removal_requested_at=None,
        removed=False,
    )
