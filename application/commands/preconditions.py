"""Whether the lab is the one the sender of a command had in mind."""

from application.ports.views import LabInstanceView
from domain.errors import PreconditionFailed
from domain.lab_instance.commands import (
    ChangeLabInstance,
    DeleteLabInstance,
    LabInstanceCommand,
    Precondition,
    ReportStatus,
)
from domain.lab_instance.status import LabState


def check_precondition(view: LabInstanceView | None, command: LabInstanceCommand) -> None:
    """Raise PreconditionFailed when `command` asks for another uid or resource version than
    the lab has. A lab that is not there has neither: that is for the decision to refuse."""
    if view is None or view.lab.state is LabState.DELETED:
        return
    if not isinstance(command, ChangeLabInstance | DeleteLabInstance | ReportStatus):
        return
    check_wanted(view, command.precondition)


def check_wanted(view: LabInstanceView, wanted: Precondition) -> None:
    """Raise PreconditionFailed when another uid or resource version is wanted than the lab has."""
    name = view.lab.key.name
    if wanted.uid not in (None, view.lab.uid):
        raise PreconditionFailed(name, "uid", str(wanted.uid), view.lab.uid)
    if wanted.resource_version not in (None, view.resource_version):
        expected, actual = str(wanted.resource_version), str(view.resource_version)
        raise PreconditionFailed(name, "resourceVersion", expected, actual)
