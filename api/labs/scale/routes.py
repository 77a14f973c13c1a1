"""GET, PUT and PATCH of `/scale`. A lab's scale is always 1, so a valid write records nothing."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.http.encoding import encode
from api.http.patches import Patch, is_apply, merge_patch, read_applied, read_patch
from api.http.refusals import InvalidInput
from api.http.request_body import read_document
from api.http.responses import json_response
from api.http.routing import key_in
from api.kubernetes.apply_request import apply_options, check_unmanaged
from api.kubernetes.lab_kind import SCALE_GROUP, SCALE_KIND
from api.kubernetes.moments import moment_of_get
from api.kubernetes.options import WriteOptions, write_options
from api.kubernetes.representations import requested_representation
from api.kubernetes.write_checks import check_address, check_unknown, precondition
from api.labs.scale.given import GivenScale, read_scale
from api.labs.scale.presenter import ScalePresenter
from api.services import Services
from application.commands.preconditions import check_wanted
from application.mediator.questions import AS_THE_LOG_TELLS, GetLabInstance
from application.ports.views import LabInstanceView


class LabScale:
    """The routes of the subresource."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._clock = services.clock
        self._presenter = ScalePresenter()

    async def get(self, request: Request) -> Response:
        """The scale, now or at a moment of the past."""
        form = requested_representation(request, self._presenter, self._clock)
        question = GetLabInstance(key=key_in(request), moment=moment_of_get(request.query_params))
        return json_response(form.one(await self._mediator.ask(question)))

    async def replace(self, request: Request) -> Response:
        """The scale shall be as the body says. A resourceVersion in it is a precondition."""
        options = write_options(request, "UpdateOptions")
        given = read_scale(await read_document(request))
        return self._agreed(request, given, options, await self._current(request))

    async def patch(self, request: Request) -> Response:
        """The scale shall differ as the patch says, or be as it is applied."""
        if is_apply(request):
            options = apply_options(request)
            patch = await _read_applied(request)
        else:
            options = write_options(request, "PatchOptions")
            patch = await read_patch(request)
        current = await self._current(request)
        shown = msgspec.to_builtins(self._presenter.document(current))
        return self._agreed(
            request, read_scale(await patch.put_on(request, shown)), options, current
        )

    async def _current(self, request: Request) -> LabInstanceView:
        """The lab as the log has it: a stale view must not meet a precondition."""
        question = GetLabInstance(key=key_in(request), moment=AS_THE_LOG_TELLS)
        return await self._mediator.ask(question)

    def _agreed(
        self,
        request: Request,
        given: GivenScale,
        options: WriteOptions,
        current: LabInstanceView,
    ) -> Response:
        key = current.lab.key
        check_address(given, key)
        headers = check_unknown(request, given, options)
        if given.faults:
            raise InvalidInput(
                group=SCALE_GROUP, kind=SCALE_KIND, name=key.name, faults=given.faults
            )
        metadata = given.metadata
        check_wanted(current, precondition(metadata.uid, metadata.resource_version))
        return json_response(self._presenter.document(current), headers=headers)


async def _read_applied(request: Request) -> Patch:
    applied: dict[str, Any] = await read_applied(request)
    check_unmanaged(applied)
    return merge_patch(applied, len(encode(applied)))
