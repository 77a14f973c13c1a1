"""Takes everything out of a namespace that goes, and then the namespace itself."""

from collections.abc import Sequence
from contextlib import suppress

from application.mediator.mediator import Mediator
from application.mediator.object_questions import ListDocuments
from application.mediator.object_sender import DocumentSender
from application.mediator.questions import Latest, ListLabInstances
from application.ports.object_views import DocumentView
from application.ports.selectors import FieldRequirement, LabField, ViewFilter
from application.ports.views import LabInstanceView
from domain.api_object.api_object import Document
from domain.api_object.commands import ANY_DOCUMENT, CompleteRemoval, RemoveDocument
from domain.api_object.errors import DocumentNotFound
from domain.api_object.key import DocumentKind
from domain.errors import LabInstanceNotFound, PreconditionFailed
from domain.lab_instance.commands import DeleteLabInstance, Precondition
from domain.lab_instance.status import LabState

_AT_ONCE = 500
_INSIDE = (DocumentKind.LEASE, DocumentKind.EVENT)
_NOW = Latest(not_older_than=None)


class Emptying:
    """Labs are deleted as a person deletes them: they go when their provisioner has proved
    that nothing of them is left, and their namespace after the last of them."""

    def __init__(self, mediator: Mediator, sender: DocumentSender) -> None:
        self._mediator = mediator
        self._sender = sender

    async def go_on_with(self, namespace: Document) -> None:
        """Ask what is still in it to go; when nothing is, complete the removal. Raises what
        the mediator raises."""
        name = namespace.key.name
        labs = await self._labs_in(name)
        documents = await self._documents_in(name)
        for lab in labs:
            await self._delete(lab)
        for document in documents:
            await self._remove(document)
        if not labs and not await self._documents_in(name):
            await self._sender.send(CompleteRemoval(document=namespace.key, uid=namespace.uid))

    async def _labs_in(self, namespace: str) -> Sequence[LabInstanceView]:
        inside = FieldRequirement(field=LabField.NAMESPACE, value=namespace, negated=False)
        found: list[LabInstanceView] = []
        more = True
        while more:
            question = ListLabInstances(
                wanted=ViewFilter(fields=(inside,)),
                moment=_NOW,
                after=found[-1].lab.key if found else None,
                limit=_AT_ONCE,
            )
            page = await self._mediator.ask(question)
            found += page.views
            more = page.more
        return found

    async def _documents_in(self, namespace: str) -> Sequence[DocumentView]:
        found: list[DocumentView] = []
        for kind in _INSIDE:
            question = ListDocuments(kind=kind, namespace=namespace, moment=_NOW)
            found += (await self._mediator.ask(question)).views
        return found

    async def _delete(self, view: LabInstanceView) -> None:
        if view.lab.state is LabState.DELETING:
            return
        command = DeleteLabInstance(
            lab=view.lab.key,
            reason="namespace deleted",
            precondition=Precondition(uid=view.lab.uid, resource_version=None),
        )
        with suppress(LabInstanceNotFound, PreconditionFailed):  # it went by itself meanwhile
            await self._sender.send_to_lab(command, story=view.lab.uid)

    async def _remove(self, view: DocumentView) -> None:
        command = RemoveDocument(
            document=view.document.key, reason="namespace deleted", precondition=ANY_DOCUMENT
        )
        with suppress(DocumentNotFound):
            await self._sender.send(command)
