"""The status of a lab as a subresource: clients read all of it and write what is theirs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.http.encoding import plain
from api.http.patches import is_apply, read_applied, read_patch
from api.http.request_body import read_document
from api.http.responses import json_response
from api.http.routing import Handler, key_in
from api.kubernetes.apply_request import apply_options
from api.kubernetes.options import WriteOptions, header_warnings, is_true, write_options
from api.kubernetes.ownership import Managers, after_apply, after_update
from api.kubernetes.write_checks import check_address, check_repeated, precondition
from api.kubernetes.writer import writer_of
from api.kubernetes.writing import Writing
from api.labs.apply import checked_apply
from api.labs.fields import reported_fields
from api.labs.given import read_resource
from api.labs.rendering import document_of
from api.labs.reported import Reported, reported_in
from api.services import Services
from application.ports.views import LabInstanceView
from domain.lab_instance.commands import ReportStatus
from domain.precondition import Precondition

_SUBRESOURCE = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """What shall be in the status, whose it is, and of which lab."""

    reported: Reported
    managers: Managers
    wanted: Precondition


_MakeReport = Callable[[LabInstanceView], Awaitable[_Report]]


class LabStatusRoutes:
    """The routes of the subresource."""

    def __init__(self, services: Services, *, get: Handler) -> None:
        self.get = get
        self._mediator = services.mediator
        self._clock = services.clock
        self._attempts = services.limits.patch_attempts
        self._writing = Writing(services)

    async def replace(self, request: Request) -> Response:
        """What clients keep shall be as the body says."""
        options = write_options(request, "UpdateOptions")
        document = await read_document(request)
        check_address(read_resource(document), key_in(request))

        async def report(current: LabInstanceView) -> _Report:
            return self._updated(request, document, current)

        return await self._attempted(request, options, report)

    async def patch(self, request: Request) -> Response:
        """What clients keep shall differ as the patch says, or be as it is applied."""
        if is_apply(request):
            return await self._apply(request)
        options = write_options(request, "PatchOptions")
        patch = await read_patch(request)

        async def report(current: LabInstanceView) -> _Report:
            document = await patch.put_on(request, plain(document_of(current)))
            return self._updated(request, document, current)

        return await self._attempted(request, options, report)

    async def _apply(self, request: Request) -> Response:
        options = apply_options(request)
        applied = await read_applied(request)
        given = checked_apply(applied, key_in(request))
        asked = precondition(given.metadata.uid, given.metadata.resource_version)
        force = is_true(request.query_params, "force")

        async def report(current: LabInstanceView) -> _Report:
            lab = current.lab
            mine = reported_in(
                lab.key.name, applied.get("status"), plain(document_of(current))["status"]
            )
            wanted = {"status": mine.fields} if mine.fields else {}
            writer = writer_of(request, subresource=_SUBRESOURCE, at=self._clock.now())
            result = after_apply(lab.managers, reported_fields(lab), wanted, writer, force=force)
            fields = result.document.get("status", {})
            reported = Reported(fields=fields, ignored=mine.ignored)
            return _Report(reported=reported, managers=result.managers, wanted=asked)

        return await self._attempted(request, options, report)

    def _updated(self, request: Request, document: Any, current: LabInstanceView) -> _Report:
        given = read_resource(document)
        check_address(given, current.lab.key)
        lab = current.lab
        reported = reported_in(
            lab.key.name, document.get("status"), plain(document_of(current))["status"]
        )
        after = {"status": reported.fields} if reported.fields else {}
        writer = writer_of(request, subresource=_SUBRESOURCE, at=self._clock.now())
        managers = after_update(lab.managers, reported_fields(lab), after, writer)
        asked = precondition(given.metadata.uid, given.metadata.resource_version)
        return _Report(reported=reported, managers=managers, wanted=asked)

    async def _attempted(
        self, request: Request, options: WriteOptions, report: _MakeReport
    ) -> Response:
        async def attempt(current: LabInstanceView) -> Response:
            return await self._carried_out(request, options, await report(current), current)

        return await self._writing.on_fresh_lab(key_in(request), attempt)

    async def _carried_out(
        self, request: Request, options: WriteOptions, report: _Report, current: LabInstanceView
    ) -> Response:
        wanted = report.wanted
        repeated = check_repeated(request, options)
        command = ReportStatus(
            lab=current.lab.key,
            reported=report.reported.texts(),
            managers=report.managers,
            precondition=replace(
                wanted, resource_version=wanted.resource_version or current.resource_version
            ),
        )
        view = await self._writing.carry_out(request, command, dry_run=options.dry_run)
        warnings = [f"{name} is kept by the service" for name in report.reported.ignored]
        warnings += repeated
        return json_response(document_of(view or current), headers=header_warnings(warnings))
