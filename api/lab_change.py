"""PUT and PATCH of a lab: both end in the whole desired lab, sent as one command."""

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.given_resource import GivenResource, read_resource
from api.merge_patch import merged
from api.options import WriteOptions, write_options
from api.refusals import BadRequest
from api.rendering import document_of
from api.request_body import MERGE_PATCH_TYPE, read_document, read_patch
from api.responses import json_response
from api.routing import key_in
from api.services import Services
from api.writing import Writing, check_address, check_unknown, precondition
from application.admission import admit
from application.queries.questions import GetLabInstance, Latest
from application.views import LabInstanceView
from domain.errors import LabInstanceNotFound, PreconditionFailed
from domain.lab_instance.commands import ChangeLabInstance, Precondition
from domain.lab_instance.key import LabKey

_ACCEPTED_PATCHES = (MERGE_PATCH_TYPE,)


class LabChange:
    """The changing routes."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._templates = services.templates
        self._attempts = services.limits.patch_attempts
        self._writing = Writing(services)
        self._turns: WeakValueDictionary[LabKey, asyncio.Lock] = WeakValueDictionary()

    async def replace(self, request: Request) -> Response:
        """The lab shall be as the body says. A resourceVersion in it is a precondition."""
        key = key_in(request)
        options = write_options(request, "UpdateOptions")
        given = read_resource(await read_document(request))
        check_address(given, key)
        current = await self._current(key, not_older_than=None)
        wanted = precondition(given.uid, given.resource_version)
        return await self._change(request, options, given, current, wanted)

    async def patch(self, request: Request) -> Response:
        """The lab shall differ as a merge patch says. With a resourceVersion in the patch a
        lab that has changed is a conflict; without one the patch is put on the fresh lab."""
        key = key_in(request)
        options = write_options(request, "PatchOptions")
        patch = await read_patch(request, _ACCEPTED_PATCHES)
        if not isinstance(patch, dict):
            raise BadRequest("a merge patch of a LabInstance must be a JSON object")
        # Patches of one lab take turns: a crowd of them would use up each other's attempts.
        async with self._turns.setdefault(key, asyncio.Lock()):
            return await self._patch_fresh(request, options, patch, key)

    async def _patch_fresh(
        self, request: Request, options: WriteOptions, patch: Mapping[str, Any], key: LabKey
    ) -> Response:
        not_older_than: int | None = None
        for attempt in range(self._attempts):
            current = await self._current(key, not_older_than=not_older_than)
            try:
                return await self._patched(request, options, patch, current)
            except PreconditionFailed as error:
                last = attempt + 1 == self._attempts
                if last or _is_conditional(patch) or error.what != "resourceVersion":
                    raise
                not_older_than = int(error.actual)
        raise LabInstanceNotFound(key.namespace, key.name)

    async def _patched(
        self,
        request: Request,
        options: WriteOptions,
        patch: Mapping[str, Any],
        current: LabInstanceView,
    ) -> Response:
        given = read_resource(merged(_patchable(current), patch))
        check_address(given, current.lab.key)
        asked = precondition(given.uid, given.resource_version)
        wanted = Precondition(
            uid=asked.uid, resource_version=asked.resource_version or current.resource_version
        )
        return await self._change(request, options, given, current, wanted)

    async def _change(
        self,
        request: Request,
        options: WriteOptions,
        given: GivenResource,
        current: LabInstanceView,
        wanted: Precondition,
    ) -> Response:
        headers = check_unknown(given, options)
        desired = given.under(current.lab.key)
        command = ChangeLabInstance(
            lab=current.lab.key,
            spec=admit(desired, self._templates, current=current.lab.spec),
            labels=desired.labels,
            annotations=desired.annotations,
            finalizers=desired.finalizers,
            managers=current.lab.managers,
            precondition=wanted,
        )
        view = await self._writing.carry_out(request, command, dry_run=options.dry_run)
        return json_response(document_of(view or current), headers=headers)

    async def _current(self, key: LabKey, *, not_older_than: int | None) -> LabInstanceView:
        moment = Latest(not_older_than=not_older_than)
        return await self._mediator.ask(GetLabInstance(key=key, moment=moment))


def _patchable(current: LabInstanceView) -> Any:
    document = msgspec.to_builtins(document_of(current))
    del document["status"]
    return document


def _is_conditional(patch: Mapping[str, Any]) -> bool:
    metadata = patch.get("metadata")
    return isinstance(metadata, dict) and metadata.get("resourceVersion") is not None
