"""What a command would lead to, without carrying it out. Raises the refusals that the command
itself would meet."""

from dataclasses import replace
from datetime import datetime

from application.commands.preconditions import check_precondition
from application.mediator.mediator import Mediator
from application.mediator.object_questions import AskAdmission, GetApiObject
from application.mediator.questions import AS_THE_LOG_TELLS, NOW, GetLabInstance
from application.ports.views import ApiObjectView, LabInstanceView
from domain.api_object import decide as object_decide
from domain.api_object import evolve as object_evolve
from domain.api_object.commands import ApiObjectCommand, DeclareApiObject
from domain.api_object.errors import ApiObjectNotFound
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.errors import LabInstanceNotFound
from domain.lab_instance import decide as lab_decide
from domain.lab_instance import evolve as lab_evolve
from domain.lab_instance.commands import CreateLabInstance, LabInstanceCommand
from domain.lab_instance.key import LabKey


async def rehearse_lab(
    mediator: Mediator, command: LabInstanceCommand, now: datetime
) -> LabInstanceView | None:
    """The lab as `command` would leave it; its resource version stays what it is (0 for a lab
    that does not exist)."""
    key = command.lab
    if isinstance(command, CreateLabInstance):
        await mediator.ask(AskAdmission(namespace=key.namespace, name=key.name, key=None))
    view = await _lab(mediator, key)
    check_precondition(view, command)
    lab = view.lab if view else None
    for fact in lab_decide.decide(lab, command, now):
        lab = lab_evolve.evolve(lab, fact)
    if lab is None:
        return None
    return replace(view, lab=lab) if view else LabInstanceView(lab=lab, resource_version=0)


async def rehearse_object(
    mediator: Mediator, command: ApiObjectCommand, now: datetime
) -> ApiObjectView | None:
    """The same of an API object."""
    key = command.key
    if isinstance(command, DeclareApiObject) and key.kind is not ApiObjectKind.NAMESPACE:
        await mediator.ask(AskAdmission(namespace=key.namespace, name=key.name, key=key))
    view = await _api_object(mediator, key)
    check_precondition(view, command)
    one = view.api_object if view else None
    for fact in object_decide.decide(one, command, now):
        one = object_evolve.evolve(one, fact)
    if one is None:
        return None
    return (
        replace(view, api_object=one)
        if view
        else ApiObjectView(api_object=one, resource_version=0)
    )


async def _lab(mediator: Mediator, key: LabKey) -> LabInstanceView | None:
    try:
        return await mediator.ask(GetLabInstance(key=key, moment=AS_THE_LOG_TELLS))
    except LabInstanceNotFound:
        return None


async def _api_object(mediator: Mediator, key: ApiObjectKey) -> ApiObjectView | None:
    try:
        return await mediator.ask(GetApiObject(key=key, moment=NOW))
    except ApiObjectNotFound:
        return None
