"""What a command on an object would lead to, without carrying it out."""

from dataclasses import replace
from datetime import datetime

from application.commands.object_preconditions import check_precondition
from application.mediator.mediator import Mediator
from application.mediator.object_questions import AskAdmission, GetApiObject
from application.mediator.questions import Latest
from application.ports.object_views import ApiObjectView
from domain.api_object.commands import ApiObjectCommand, DeclareApiObject
from domain.api_object.decide import decide
from domain.api_object.errors import ApiObjectNotFound
from domain.api_object.evolve import evolve
from domain.api_object.key import ApiObjectKey, ApiObjectKind


async def rehearse(
    mediator: Mediator, command: ApiObjectCommand, now: datetime
) -> ApiObjectView | None:
    """The object as `command` would leave it; its resource version stays what it is (0 for
    one that does not exist). Raises the refusals that the command itself would meet."""
    key = command.key
    if isinstance(command, DeclareApiObject) and key.kind is not ApiObjectKind.NAMESPACE:
        await mediator.ask(AskAdmission(namespace=key.namespace, name=key.name, key=key))
    view = await _present(mediator, key)
    check_precondition(view, command)
    api_object = view.api_object if view else None
    for fact in decide(api_object, command, now):
        api_object = evolve(api_object, fact)
    if api_object is None:
        return None
    if view is None:
        return ApiObjectView(api_object=api_object, resource_version=0)
    return replace(view, api_object=api_object)


async def _present(mediator: Mediator, key: ApiObjectKey) -> ApiObjectView | None:
    try:
        return await mediator.ask(GetApiObject(key=key, moment=Latest(not_older_than=None)))
    except ApiObjectNotFound:
        return None
