"""Whether the document is the one the sender of a command had in mind."""

from application.event_log.object_fold import present
from application.ports.object_views import DocumentView
from domain.api_object.commands import DocumentCommand, RemoveDocument, ReplaceDocument
from domain.api_object.errors import DocumentPreconditionFailed


def check_precondition(view: DocumentView | None, command: DocumentCommand) -> None:
    """Raise DocumentPreconditionFailed when `command` asks for another uid or resource version
    than the document has. One that is not there is for the decision to refuse."""
    there = present(view)
    if there is None or not isinstance(command, ReplaceDocument | RemoveDocument):
        return
    key, wanted = command.document, command.precondition
    if wanted.uid not in (None, there.document.uid):
        raise DocumentPreconditionFailed(
            key, what="uid", expected=str(wanted.uid), actual=there.document.uid
        )
    if wanted.resource_version not in (None, there.resource_version):
        raise DocumentPreconditionFailed(
            key,
            what="resourceVersion",
            expected=str(wanted.resource_version),
            actual=str(there.resource_version),
        )
