"""Whether what a command is about is what its sender had in mind."""

from application.mediator.mediator import Command
from application.ports.views import ApiObjectView, LabInstanceView
from domain.api_object.commands import RemoveApiObject, ReplaceApiObject
from domain.errors import PreconditionFailed
from domain.lab_instance.commands import ChangeLabInstance, DeleteLabInstance, ReportStatus
from domain.precondition import Precondition

_Conditional = (
    ChangeLabInstance | DeleteLabInstance | ReportStatus | ReplaceApiObject | RemoveApiObject
)


def check_precondition(view: LabInstanceView | ApiObjectView | None, command: Command) -> None:
    """Raise PreconditionFailed when `command` asks for another uid or resource version than
    the view has. What does not exist has neither: that is for the decision to refuse."""
    if view is not None and isinstance(command, _Conditional):
        check_wanted(view, command.precondition)


def check_wanted(view: LabInstanceView | ApiObjectView, wanted: Precondition) -> None:
    """Raise PreconditionFailed when another uid or resource version is wanted."""
    subject = view.lab if isinstance(view, LabInstanceView) else view.api_object
    if wanted.uid not in (None, subject.uid):
        raise PreconditionFailed(
            subject.key, what="uid", expected=str(wanted.uid), actual=subject.uid
        )
    if wanted.resource_version not in (None, view.resource_version):
        raise PreconditionFailed(
            subject.key,
            what="resourceVersion",
            expected=str(wanted.resource_version),
            actual=str(view.resource_version),
        )
