"""Server-side apply of a lab: what somebody wants to be so, merged with what others want."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.http.patches import read_applied
from api.http.responses import json_response
from api.kubernetes.apply_request import apply_options, check_unmanaged, ownable
from api.kubernetes.options import WriteOptions, is_true
from api.kubernetes.ownership import after_apply
from api.kubernetes.write_checks import check_address, check_unknown, of_this_version
from api.kubernetes.writer import writer_of
from api.kubernetes.writing import Writing
from api.labs.fields import wished_fields
from api.labs.given import GivenResource, read_resource
from api.labs.rendering import document_of
from api.services import Services
from application.commands.admission import admit
from application.ports.views import LabInstanceView
from domain.errors import LabInstanceNotFound
from domain.lab_instance.key import LabKey


class LabApply:
    """Applies to labs, and makes those that are not there."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._templates = services.templates
        self._clock = services.clock
        self._randomness = services.randomness
        self._attempts = services.limits.patch_attempts
        self._writing = Writing(services)

    async def apply(self, request: Request, key: LabKey) -> Response:
        """The lab after the apply: 201 when it had to be made."""
        options = apply_options(request)
        applied = await read_applied(request)
        given = checked_apply(applied, key)

        async def attempt(current: LabInstanceView) -> Response:
            return await self._changed(request, options, applied, current)

        try:
            return await self._writing.on_fresh_lab(key, attempt)
        except LabInstanceNotFound:
            if given.metadata.uid or given.metadata.resource_version:
                raise
            return await self._created(request, options, applied, key)

    async def _changed(
        self,
        request: Request,
        options: WriteOptions,
        applied: dict[str, Any],
        current: LabInstanceView,
    ) -> Response:
        lab = current.lab
        asked = read_resource(applied)
        headers = check_unknown(request, asked, options)
        writer = writer_of(request, subresource="", at=self._clock.now())
        live = wished_fields(lab, lab.spec)
        force = is_true(request.query_params, "force")
        result = after_apply(lab.managers, live, ownable(applied), writer, force=force)
        desired = read_resource(result.document).named(lab.key)
        spec = admit(desired, self._templates, current=lab.spec)
        wanted = of_this_version(asked, current.resource_version)
        command = desired.change(spec, result.managers, wanted)
        view = await self._writing.carry_out(request, command, dry_run=options.dry_run)
        return json_response(document_of(view or current), headers=headers)

    async def _created(
        self, request: Request, options: WriteOptions, applied: dict[str, Any], key: LabKey
    ) -> Response:
        given = read_resource(applied)
        headers = check_unknown(request, given, options)
        desired = given.named(key)
        spec = admit(desired, self._templates, current=None)
        writer = writer_of(request, subresource="", at=self._clock.now())
        managers = after_apply((), {}, ownable(applied), writer, force=False).managers
        command = desired.creation(self._randomness.uid(), spec, managers)
        view = await self._writing.carry_out(request, command, dry_run=options.dry_run)
        assert view is not None, "a created lab exists"  # noqa: S101  decide and evolve say so
        return json_response(document_of(view), code=201, headers=headers)


def checked_apply(applied: dict[str, Any], key: LabKey) -> GivenResource:
    """What is applied, once it is found to be a LabInstance, and the one of the path. Raises
    BadRequest."""
    given = read_resource(applied)
    check_address(given, key)
    check_unmanaged(applied)
    return given
