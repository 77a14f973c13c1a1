"""Folds events into the views of labs."""

from application.ports.event_store import RecordedEvent
from application.ports.views import LabInstanceView, ViewChange
from domain.api_object.events import ApiObjectEvent
from domain.lab_instance.evolve import evolve
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState


def next_view(view: LabInstanceView | None, recorded: RecordedEvent) -> LabInstanceView | None:
    """The view after `recorded`: the same one when the event changes nothing to be seen.

    A deleted lab keeps a view in the state deleted, for those who tell its story.
    """
    event = recorded.event
    if isinstance(event, ApiObjectEvent):
        return view
    before = view.lab if view else None
    after = evolve(before, event)
    if after is None or after == before:
        return view
    return LabInstanceView(lab=after, resource_version=recorded.position)


def project(
    key: LabKey,
    view: LabInstanceView | None,
    recorded: RecordedEvent,
    *,
    folded: LabInstanceView | None = None,
) -> ViewChange | None:
    """The change that `recorded` makes to the view of its lab; None when it makes none.

    `folded`: the view after `recorded`, where somebody knows it already.
    """
    now = folded or next_view(view, recorded)
    if now is None or now is view:
        return None
    gone = now.lab.state is LabState.DELETED
    return ViewChange(
        position=recorded.position,
        key=key,
        before=view,
        after=None if gone else now,
        deleted=now if gone else None,
        command=recorded.metadata.get("commandId", ""),
    )
