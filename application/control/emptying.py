"""Takes everything out of a namespace that goes, and then the namespace itself."""

from collections.abc import Sequence
from contextlib import suppress

from application.mediator.mediator import Mediator
from application.mediator.object_questions import ListApiObjects
from application.mediator.questions import NOW, ListLabInstances
from application.mediator.sender import CommandSender
from application.ports.selectors import FieldRequirement, LabField, ViewFilter
from application.ports.views import ApiObjectView, LabInstanceView
from domain.api_object.api_object import ApiObject
from domain.api_object.commands import CompleteRemoval, RemoveApiObject
from domain.api_object.errors import ApiObjectNotFound
from domain.api_object.key import ApiObjectKind
from domain.errors import LabInstanceNotFound, PreconditionFailed
from domain.lab_instance.commands import DeleteLabInstance
from domain.lab_instance.status import LabState
from domain.precondition import ANY, Precondition

_AT_ONCE = 500
_INSIDE = (ApiObjectKind.LEASE, ApiObjectKind.EVENT)


class Emptying:
    """Labs are deleted as a person deletes them: they go when their provisioner has proved
    that nothing of them is left, and their namespace after the last of them."""

    def __init__(self, mediator: Mediator, sender: CommandSender) -> None:
        self._mediator = mediator
        self._sender = sender

    async def go_on_with(self, namespace: ApiObject) -> None:
        """Ask what is still in it to go; when nothing is, complete the removal. Raises what
        the mediator raises."""
        name = namespace.key.name
        labs = await self._labs_in(name)
        api_objects = await self._objects_in(name)
        for lab in labs:
            await self._delete(lab)
        for api_object in api_objects:
            await self._remove(api_object)
        if not labs and not await self._objects_in(name):
            await self._sender.send_to_object(
                CompleteRemoval(key=namespace.key, uid=namespace.uid)
            )

    async def _labs_in(self, namespace: str) -> Sequence[LabInstanceView]:
        inside = FieldRequirement(field=LabField.NAMESPACE, value=namespace, negated=False)
        found: list[LabInstanceView] = []
        more = True
        while more:
            question = ListLabInstances(
                wanted=ViewFilter(fields=(inside,)),
                moment=NOW,
                after=found[-1].lab.key if found else None,
                limit=_AT_ONCE,
            )
            page = await self._mediator.ask(question)
            found += page.views
            more = page.more
        return found

    async def _objects_in(self, namespace: str) -> Sequence[ApiObjectView]:
        found: list[ApiObjectView] = []
        for kind in _INSIDE:
            question = ListApiObjects(kind=kind, namespace=namespace, moment=NOW)
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
            await self._sender.send(command, cause=None, story=view.lab.uid)

    async def _remove(self, view: ApiObjectView) -> None:
        command = RemoveApiObject(
            key=view.api_object.key, reason="namespace deleted", precondition=ANY
        )
        with suppress(ApiObjectNotFound):
            await self._sender.send_to_object(command)
