"""PUT and PATCH of a lab: both end in the whole desired lab, sent as one command."""

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import Response

from api.http.encoding import plain
from api.http.patches import Patch, is_apply, read_patch
from api.http.request_body import read_document
from api.http.responses import json_response
from api.http.routing import key_in
from api.kubernetes.managed_fields import written_managers
from api.kubernetes.options import WriteOptions, write_options
from api.kubernetes.ownership import Managers, after_update
from api.kubernetes.write_checks import check_address, check_unknown, of_this_version, precondition
from api.kubernetes.writer import FieldWriter, writer_of
from api.kubernetes.writing import Writing
from api.labs.apply import LabApply
from api.labs.fields import wished_fields
from api.labs.given import GivenResource, read_resource
from api.labs.rendering import document_of
from api.services import Services
from application.commands.admission import admit
from application.mediator.questions import GetLabInstance, Recorded
from application.ports.views import LabInstanceView
from domain.lab_instance.key import LabKey
from domain.precondition import Precondition


class LabChange:
    """The changing routes."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._templates = services.templates
        self._clock = services.clock
        self._attempts = services.limits.patch_attempts
        self._writing = Writing(services)
        self._apply = LabApply(services)
        self._turns: WeakValueDictionary[LabKey, asyncio.Lock] = WeakValueDictionary()

    async def replace(self, request: Request) -> Response:
        """The lab shall be as the body says. A resourceVersion in it is a precondition."""
        key = key_in(request)
        options = write_options(request, "UpdateOptions")
        document = await read_document(request)
        given = read_resource(document)
        check_address(given, key)
        question = GetLabInstance(key=key, moment=Recorded(not_older_than=0))
        current = await self._mediator.ask(question)
        wanted = precondition(given.metadata.uid, given.metadata.resource_version)
        change = _Change(document, plain(document_of(current)), given, current)
        return await self._change(request, options, change, wanted)

    async def patch(self, request: Request) -> Response:
        """The lab shall differ as the patch says. With a resourceVersion in the patch a lab
        that has changed is a conflict; without one the patch is put on the fresh lab."""
        key = key_in(request)
        # Patches of one lab take turns: a crowd of them would use up each other's attempts.
        turn = self._turns.setdefault(key, asyncio.Lock())
        if is_apply(request):
            async with turn:
                return await self._apply.apply(request, key)
        options = write_options(request, "PatchOptions")
        patch = await read_patch(request)

        async def attempt(current: LabInstanceView) -> Response:
            return await self._patched(request, options, patch, current)

        async with turn:
            return await self._writing.on_fresh_lab(key, attempt)

    async def _patched(
        self, request: Request, options: WriteOptions, patch: Patch, current: LabInstanceView
    ) -> Response:
        before = plain(document_of(current))
        document = await patch.put_on(request, before)
        given = read_resource(document)
        check_address(given, current.lab.key)
        wanted = of_this_version(given, current.resource_version)
        change = _Change(document, before, given, current)
        return await self._change(request, options, change, wanted)

    async def _change(
        self, request: Request, options: WriteOptions, change: "_Change", wanted: Precondition
    ) -> Response:
        headers = check_unknown(request, change.given, options)
        lab = change.current.lab
        desired = change.given.named(lab.key)
        spec = admit(desired, self._templates, current=lab.spec)
        writer = writer_of(request, subresource="", at=self._clock.now())
        managers = change.managers(wished_fields(desired, spec), writer)
        command = desired.change(spec, managers, wanted)
        view = await self._writing.carry_out(request, command, dry_run=options.dry_run)
        return json_response(document_of(view or change.current), headers=headers)


class _Change:
    """A document as it was and as it shall be, and what was read out of the latter."""

    def __init__(
        self,
        document: Any,
        before: Mapping[str, Any],
        given: GivenResource,
        current: LabInstanceView,
    ) -> None:
        self.given = given
        self.current = current
        self._written = written_managers(document, before)

    def managers(self, wished: Any, writer: FieldWriter) -> Managers:
        """The owners afterwards: as the document says itself, or as follows from the change."""
        if self._written is not None:
            return self._written
        lab = self.current.lab
        return after_update(lab.managers, wished_fields(lab, lab.spec), wished, writer)
