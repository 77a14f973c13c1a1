"""The commands on a lab that are more than a change of its fields: POST of a subresource."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.http.refusals import BadRequest
from api.http.request_body import read_document
from api.http.responses import json_response
from api.http.routing import Handler, key_in
from api.kubernetes.options import write_options
from api.kubernetes.writing import Writing
from api.labs.rendering import document_of
from api.labs.shapes import LabAccessDocument, ObjectReference
from api.services import Services
from application.mediator.questions import GetAccessLink, GetLabInstance, Recorded
from domain.errors import FaultReason, FieldFault, InvalidLabInstance, LabInstanceNotFound
from domain.lab_instance.commands import (
    AbandonLabInstance,
    ExtendLabInstance,
    GrantAccess,
    LabInstanceCommand,
    RestartLabInstance,
    RetryLabInstance,
)
from domain.lab_instance.duration import InvalidDuration, parse_duration
from domain.lab_instance.key import LabKey

_Command = Callable[[LabKey], LabInstanceCommand]
_NO_STORE = {"Cache-Control": "no-store"}


class LabCommands:
    """The command routes. Each answers the lab as it is afterwards, `access` the link."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._templates = services.templates
        self._writing = Writing(services)

    def restart(self) -> Handler:
        """A fresh runtime for the lab."""
        return self._plain(lambda key: RestartLabInstance(lab=key))

    def retry(self) -> Handler:
        """Another chance for a failed lab."""
        return self._plain(lambda key: RetryLabInstance(lab=key))

    def abandon(self) -> Handler:
        """Forget the lab, whatever is left of it."""
        return self._plain(lambda key: AbandonLabInstance(lab=key))

    async def extend(self, request: Request) -> Response:
        """More time, `{"by": "30m"}`, up to the maximum of the lab's template."""
        key = key_in(request)
        by = _duration(key, await read_document(request))
        question = GetLabInstance(key=key, moment=Recorded(not_older_than=0))
        spec = (await self._mediator.ask(question)).lab.spec
        template = self._templates.get(spec.template)
        maximum = template.maximum_duration if template else spec.lifetime
        return await self._carried_out(request, ExtendLabInstance(lab=key, by=by, maximum=maximum))

    async def access(self, request: Request) -> Response:
        """The link into the lab. That it was given is on record before it is given, and only
        where there is one to give."""
        key = key_in(request)
        command = GrantAccess(lab=key)
        if write_options(request, "CreateOptions").dry_run:
            return await self._carried_out(request, command)
        await self._writing.carry_out(request, command, dry_run=True)
        link = await self._mediator.ask(GetAccessLink(key=key))
        await self._carried_out(request, command)
        reference = ObjectReference(name=key.name, namespace=key.namespace)
        document = LabAccessDocument(metadata=reference, url=link)
        return json_response(document, headers=_NO_STORE)

    def _plain(self, command: _Command) -> Handler:
        async def handle(request: Request) -> Response:
            return await self._carried_out(request, command(key_in(request)))

        return handle

    async def _carried_out(self, request: Request, command: LabInstanceCommand) -> Response:
        options = write_options(request, "CreateOptions")
        view = await self._writing.carry_out(request, command, dry_run=options.dry_run)
        if view is None:
            raise LabInstanceNotFound(command.lab.namespace, command.lab.name)
        return json_response(document_of(view))


def _duration(key: LabKey, document: Any) -> timedelta:
    if not isinstance(document, dict):
        raise BadRequest('the body must be a JSON object such as {"by": "30m"}')
    given = document.get("by")
    if given is None:
        raise _invalid(key, FaultReason.REQUIRED, 'a duration such as "30m" is required')
    if not isinstance(given, str):
        raise _invalid(key, FaultReason.TYPE, 'must be a string such as "30m"')
    try:
        return parse_duration(given)
    except InvalidDuration as error:
        raise _invalid(key, FaultReason.INVALID, str(error)) from None


def _invalid(key: LabKey, reason: FaultReason, message: str) -> InvalidLabInstance:
    return InvalidLabInstance(key.name, [FieldFault(field="by", reason=reason, message=message)])
