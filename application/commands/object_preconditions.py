"""Whether the object is the one the sender of a command had in mind."""

from application.event_log.object_fold import present
from application.ports.object_views import ApiObjectView
from domain.api_object.commands import ApiObjectCommand, RemoveApiObject, ReplaceApiObject
from domain.api_object.errors import ApiObjectPreconditionFailed


def check_precondition(view: ApiObjectView | None, command: ApiObjectCommand) -> None:
    """Raise ApiObjectPreconditionFailed when `command` asks for another uid or resource version
    than the object has. One that is not there is for the decision to refuse."""
    there = present(view)
    if there is None or not isinstance(command, ReplaceApiObject | RemoveApiObject):
        return
    key, wanted = command.key, command.precondition
    if wanted.uid not in (None, there.api_object.uid):
        raise ApiObjectPreconditionFailed(
            key, what="uid", expected=str(wanted.uid), actual=there.api_object.uid
        )
    if wanted.resource_version not in (None, there.resource_version):
        raise ApiObjectPreconditionFailed(
            key,
            what="resourceVersion",
            expected=str(wanted.resource_version),
            actual=str(there.resource_version),
        )
