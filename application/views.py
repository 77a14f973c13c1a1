"""The read side's row for one lab, and how an event changes it."""

from dataclasses import dataclass

from application.ports.event_store import RecordedEvent
from domain.document.events import DocumentEvent
from domain.lab_instance.evolve import evolve
from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.status import LabState


@dataclass(frozen=True, slots=True, kw_only=True)
class LabInstanceView:
    """A lab as of `resource_version`: the position of the last event that changed it."""

    lab: LabInstance
    resource_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewChange:
    """What one event, or all events of one command, did to one lab's view.

    `before` and `after` are None where there was, or is, no lab. `after` is None for a
    deleted lab; `deleted` then is its last state, at the position of the deletion.
    `command` is the command's id; empty where nobody knows it.
    """

    position: int
    key: LabKey
    before: LabInstanceView | None
    after: LabInstanceView | None
    deleted: LabInstanceView | None
    command: str = ""


def next_view(view: LabInstanceView | None, recorded: RecordedEvent) -> LabInstanceView | None:
    """The view after `recorded`: the same one when the event changes nothing to be seen.

    A deleted lab keeps a view in the state deleted, for those who tell its story.
    """
    event = recorded.event
    if isinstance(event, DocumentEvent):
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
