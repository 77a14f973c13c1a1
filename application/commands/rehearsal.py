"""What a command would lead to, without carrying it out: dry runs. Nothing is written."""

from dataclasses import replace
from datetime import datetime

from application.commands.preconditions import check_precondition
from application.mediator.mediator import Mediator
from application.mediator.object_questions import AskAdmission
from application.mediator.questions import AS_THE_LOG_TELLS, GetLabInstance
from application.ports.views import LabInstanceView
from domain.errors import LabInstanceNotFound
from domain.lab_instance.commands import CreateLabInstance, LabInstanceCommand
from domain.lab_instance.decide import decide
from domain.lab_instance.evolve import evolve
from domain.lab_instance.key import LabKey


async def rehearse(
    mediator: Mediator, command: LabInstanceCommand, now: datetime
) -> LabInstanceView | None:
    """The lab as `command` would leave it; its resource version stays what it is (0 for a lab
    that does not exist). Raises the refusals that the command itself would meet."""
    if isinstance(command, CreateLabInstance):
        lab_key = command.lab
        await mediator.ask(AskAdmission(namespace=lab_key.namespace, name=lab_key.name, key=None))
    view = await _present(mediator, command.lab)
    check_precondition(view, command)
    lab = view.lab if view else None
    for fact in decide(lab, command, now):
        lab = evolve(lab, fact)
    if lab is None:
        return None
    if view is None:
        return LabInstanceView(lab=lab, resource_version=0)
    return replace(view, lab=lab)


async def _present(mediator: Mediator, key: LabKey) -> LabInstanceView | None:
    try:
        return await mediator.ask(GetLabInstance(key=key, moment=AS_THE_LOG_TELLS))
    except LabInstanceNotFound:
        return None
