"""What a command on a document would lead to, without carrying it out."""

from dataclasses import replace
from datetime import datetime

from application.commands.object_preconditions import check_precondition
from application.mediator.mediator import Mediator
from application.mediator.object_questions import AskAdmission, GetDocument
from application.mediator.questions import Latest
from application.ports.object_views import DocumentView
from domain.api_object.commands import DeclareDocument, DocumentCommand
from domain.api_object.decide import decide
from domain.api_object.errors import DocumentNotFound
from domain.api_object.evolve import evolve
from domain.api_object.key import DocumentKey, DocumentKind


async def rehearse(
    mediator: Mediator, command: DocumentCommand, now: datetime
) -> DocumentView | None:
    """The document as `command` would leave it; its resource version stays what it is (0 for
    one that does not exist). Raises the refusals that the command itself would meet."""
    key = command.document
    if isinstance(command, DeclareDocument) and key.kind is not DocumentKind.NAMESPACE:
        await mediator.ask(AskAdmission(namespace=key.namespace, name=key.name, key=key))
    view = await _present(mediator, key)
    check_precondition(view, command)
    document = view.document if view else None
    for fact in decide(document, command, now):
        document = evolve(document, fact)
    if document is None:
        return None
    if view is None:
        return DocumentView(document=document, resource_version=0)
    return replace(view, document=document)


async def _present(mediator: Mediator, key: DocumentKey) -> DocumentView | None:
    try:
        return await mediator.ask(GetDocument(key=key, moment=Latest(not_older_than=None)))
    except DocumentNotFound:
        return None
