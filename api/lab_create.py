"""POST of a lab."""

from dataclasses import replace
from uuid import UUID, uuid5

from starlette.requests import Request
from starlette.responses import Response

from api.given_resource import GivenMetadata, decode_resource
from api.kubernetes.lab_fields import first_owners
from api.kubernetes.ownership import Managers
from api.middleware.request_identity import context_of
from api.options import write_options
from api.refusals import BadRequest
from api.rendering import document_of
from api.request_body import read_decoded
from api.responses import json_response
from api.services import Services
from api.writing import Writing, check_unknown
from application.admission import DesiredLabInstance, admit
from application.mediator import RequestContext
from domain.lab_instance.commands import CreateLabInstance
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX_LENGTH = 5
_LONGEST_PREFIX = 253 - _SUFFIX_LENGTH


class LabCreate:
    """The creating route."""

    def __init__(self, services: Services) -> None:
        self._clock = services.clock
        self._templates = services.templates
        self._randomness = services.randomness
        self._writing = Writing(services)

    async def create(self, request: Request) -> Response:
        """A new lab: 201 and the lab as it is recorded; the same again for a repeat."""
        options = write_options(request, "CreateOptions")
        given = await read_decoded(request, decode_resource)
        namespace = request.path_params["namespace"]
        metadata = given.metadata
        check_new(metadata, namespace)
        headers = check_unknown(given, options)
        context = context_of(request)
        key = LabKey(
            namespace, metadata.name or generated_name(metadata.generate_name, context.command_id)
        )
        desired = given.under(key)
        spec = admit(desired, self._templates, current=None)
        owners = first_owners(request, desired, spec, self._clock.now())
        command = self._command(desired, spec, owners)
        context = narrowed(context, key.name)
        view = await self._writing.carry_out(
            request, command, dry_run=options.dry_run, context=context
        )
        assert view is not None, "a created lab exists"  # noqa: S101  decide and evolve say so
        return json_response(document_of(view), code=201, headers=headers)

    def _command(
        self, desired: DesiredLabInstance, spec: LabInstanceSpec, owners: Managers
    ) -> CreateLabInstance:
        return CreateLabInstance(
            lab=desired.key,
            uid=self._randomness.uid(),
            spec=spec,
            labels=desired.labels,
            annotations=desired.annotations,
            finalizers=desired.finalizers,
            managers=owners,
        )


def check_new(given: GivenMetadata, namespace: str) -> None:
    """Raises BadRequest for what contradicts the path, or cannot be said of a new object."""
    if given.namespace not in ("", namespace):
        raise BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if given.resource_version:
        raise BadRequest("resourceVersion should not be set on objects to be created")


def generated_name(prefix: str, command_id: UUID) -> str:
    """A name that begins with the prefix; empty without one."""
    # The name follows from the command's id, so that a repeat means the same lab.
    if not prefix:
        return ""
    number, suffix = command_id.int, ""
    for _ in range(_SUFFIX_LENGTH):
        number, index = divmod(number, len(_SUFFIX_LETTERS))
        suffix += _SUFFIX_LETTERS[index]
    return prefix[:_LONGEST_PREFIX] + suffix


def narrowed(context: RequestContext, name: str) -> RequestContext:
    """The context of the command that makes the object of this name."""
    # The path of a create names no object; one key used for two names means two commands.
    if not context.repeatable:
        return context
    return replace(context, command_id=uuid5(context.command_id, name))
