"""PUT and PATCH of an object: both end in the whole object, sent as one command."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.http.encoding import plain
from api.http.patches import is_apply, read_applied
from api.http.refusals import BadRequest
from api.http.responses import json_response
from api.kubernetes.apply_request import apply_options
from api.kubernetes.body import read_any
from api.kubernetes.managed_fields import written_managers
from api.kubernetes.options import WriteOptions, is_true, write_options
from api.kubernetes.ownership import Managers, after_apply, after_update
from api.kubernetes.write_checks import check_address, check_unknown, of_this_version, precondition
from api.kubernetes.writer import FieldWriter, writer_of
from api.kubernetes.writing import Writing
from api.objects.addresses import key_in
from api.objects.create import ObjectCreate
from api.objects.given_object import GivenObject, read_object
from api.objects.object_kind import ObjectKind
from api.objects.owners import as_given, wished_by, wished_in
from api.objects.patching import read_object_patch
from api.objects.presenter import ObjectPresenter
from api.services import Services
from application.mediator.object_questions import GetApiObject
from application.mediator.questions import NOW
from application.ports.views import ApiObjectView
from domain.api_object.commands import ReplaceApiObject
from domain.api_object.errors import ApiObjectNotFound
from domain.api_object.key import ApiObjectKey
from domain.precondition import Precondition


class ObjectChange:
    """The changing routes of one kind."""

    def __init__(self, services: Services, what: ObjectKind) -> None:
        self._what = what
        self._mediator = services.mediator
        self._clock = services.clock
        self._presenter = ObjectPresenter(what)
        self._writing = Writing(services)
        self._create = ObjectCreate(services, what)

    async def replace(self, request: Request) -> Response:
        """The object shall be as the body says. A resourceVersion in it is a precondition."""
        key = key_in(request, self._what)
        options = write_options(request, "UpdateOptions")
        document = await read_any(request)
        given = read_object(self._what, document)
        check_address(given, key)
        question = GetApiObject(key=key, moment=NOW)
        current = await self._mediator.ask(question)
        owners = self._owners(document, given, current, self._writer(request))
        wanted = precondition(given.metadata.uid, given.metadata.resource_version)
        command = _replacement(given, key, owners, wanted)
        return await self._sent(request, given, command, options)

    async def patch(self, request: Request) -> Response:
        """The object shall differ as the patch says. With a resourceVersion in the patch one
        that has changed is a conflict; without one the patch is put on the fresh object."""
        key = key_in(request, self._what)
        if is_apply(request):
            return await self._apply(request, key)
        options = write_options(request, "PatchOptions")
        patch = await read_object_patch(request)

        async def attempt(current: ApiObjectView) -> Response:
            document = await patch.put_on(request, plain(self._presenter.document(current)))
            given = read_object(self._what, document)
            check_address(given, key)
            owners = self._owners(document, given, current, self._writer(request))
            command = _replacement(
                given, key, owners, of_this_version(given, current.resource_version)
            )
            return await self._sent(request, given, command, options)

        return await self._writing.on_fresh_object(key, attempt)

    async def _apply(self, request: Request, key: ApiObjectKey) -> Response:
        options = apply_options(request)
        applied = await read_applied(request)
        asked = _checked(read_object(self._what, applied), applied, key)
        force = is_true(request.query_params, "force")

        async def attempt(current: ApiObjectView) -> Response:
            api_object, writer = current.api_object, self._writer(request)
            live, wanted = wished_in(api_object), wished_by(asked)
            result = after_apply(api_object.managers, live, wanted, writer, force=force)
            given = as_given(result.document, asked)
            command = _replacement(
                given, key, result.managers, of_this_version(asked, current.resource_version)
            )
            return await self._sent(request, given, command, options)

        try:
            return await self._writing.on_fresh_object(key, attempt)
        except ApiObjectNotFound as missing:
            if missing.key != key:
                raise
            return await self._create.apply(request, asked, key, options)

    async def _sent(
        self,
        request: Request,
        given: GivenObject,
        command: ReplaceApiObject,
        options: WriteOptions,
    ) -> Response:
        headers = check_unknown(request, given, options)
        view = await self._writing.carry_out(request, command, dry_run=options.dry_run)
        return json_response(self._presenter.document(view), headers=headers)

    def _owners(
        self, document: Any, given: GivenObject, current: ApiObjectView, writer: FieldWriter
    ) -> Managers:
        """The owners afterwards: as the document says itself, or as follows from the change."""
        written = written_managers(document, plain(self._presenter.document(current)))
        if written is not None:
            return written
        was = current.api_object
        return after_update(was.managers, wished_in(was), wished_by(given), writer)

    def _writer(self, request: Request) -> FieldWriter:
        return writer_of(request, subresource="", at=self._clock.now())


def _replacement(
    given: GivenObject, key: ApiObjectKey, owners: Managers, wanted: Precondition
) -> ReplaceApiObject:
    return ReplaceApiObject(
        key=key,
        labels=given.metadata.labels,
        annotations=given.metadata.annotations,
        finalizers=given.metadata.finalizers,
        content=given.admitted(key),
        managers=owners,
        precondition=wanted,
    )


def _checked(given: GivenObject, applied: dict[str, Any], key: ApiObjectKey) -> GivenObject:
    check_address(given, key)
    metadata = applied.get("metadata")
    if isinstance(metadata, dict) and metadata.get("managedFields"):
        raise BadRequest("metadata.managedFields must be nil")
    return given
