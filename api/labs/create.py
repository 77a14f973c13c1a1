"""POST of a lab."""

from starlette.requests import Request
from starlette.responses import Response

from api.http.request_body import read_decoded
from api.http.request_identity import context_of
from api.http.responses import json_response
from api.kubernetes.naming import check_new, for_object, generated_name
from api.kubernetes.options import write_options
from api.kubernetes.write_checks import check_unknown
from api.kubernetes.writing import Writing
from api.labs.fields import first_owners
from api.labs.given import decode_resource
from api.labs.rendering import document_of
from api.services import Services
from application.commands.admission import admit
from domain.lab_instance.key import LabKey


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
        headers = check_unknown(request, given, options)
        context = context_of(request)
        key = LabKey(
            namespace, metadata.name or generated_name(metadata.generate_name, context.command_id)
        )
        desired = given.named(key)
        spec = admit(desired, self._templates, current=None)
        owners = first_owners(request, desired, spec, self._clock)
        command = desired.creation(self._randomness.uid(), spec, owners)
        context = for_object(context, key.name)
        view = await self._writing.carry_out(
            request, command, dry_run=options.dry_run, context=context
        )
        assert view is not None, "a created lab exists"  # noqa: S101  decide and evolve say so
        return json_response(document_of(view), code=201, headers=headers)
