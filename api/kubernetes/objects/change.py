"""PUT and PATCH of an object: both end in the whole object, sent as one command."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.apply_request import apply_options
from api.kubernetes.objects.addresses import key_in
from api.kubernetes.objects.create import ObjectCreate
from api.kubernetes.objects.given_object import GivenObject, read_object
from api.kubernetes.objects.object_kind import ObjectKind
from api.kubernetes.objects.patching import read_object_patch
from api.kubernetes.objects.telling import ObjectTelling
from api.kubernetes.objects.writing import ObjectWriting, precondition
from api.merge_patch import merged
from api.options import WriteOptions, write_options
from api.patches import Patch, is_apply, read_applied
from api.request_body import read_document
from api.responses import json_response
from api.services import Services
from application.documents.queries import GetDocument
from application.documents.views import DocumentView
from application.queries.questions import Latest
from domain.document.commands import DocumentPrecondition, ReplaceDocument
from domain.document.errors import DocumentNotFound
from domain.document.key import DocumentKey


class ObjectChange:
    """The changing routes of one kind."""

    def __init__(self, services: Services, what: ObjectKind) -> None:
        self._what = what
        self._mediator = services.mediator
        self._telling = ObjectTelling(what)
        self._writing = ObjectWriting(services)
        self._create = ObjectCreate(services, what)

    async def replace(self, request: Request) -> Response:
        """The object shall be as the body says. A resourceVersion in it is a precondition."""
        key = key_in(request, self._what)
        options = write_options(request, "UpdateOptions")
        given = read_object(self._what, await read_document(request))
        given.check_address(key)
        moment = Latest(not_older_than=None)
        await self._mediator.ask(GetDocument(key=key, moment=moment))  # absent before invalid
        wanted = precondition(given.metadata.uid, given.metadata.resource_version)
        return await self._sent(request, given, key, options, wanted)

    async def patch(self, request: Request) -> Response:
        """The object shall differ as the patch says. With a resourceVersion in the patch one
        that has changed is a conflict; without one the patch is put on the fresh object."""
        key = key_in(request, self._what)
        if is_apply(request):
            return await self._apply(request, key)
        options = write_options(request, "PatchOptions")
        patch = await read_object_patch(request)
        return await self._patched(request, key, options, patch)

    async def _apply(self, request: Request, key: DocumentKey) -> Response:
        options = apply_options(request)
        applied = await read_applied(request)

        def laid_over(document: Any) -> Any:
            return merged(document, applied)

        try:
            return await self._patched(request, key, options, laid_over)
        except DocumentNotFound as missing:
            if missing.key != key:
                raise
            return await self._create.apply(request, applied, key, options)

    async def _patched(
        self, request: Request, key: DocumentKey, options: WriteOptions, patch: Patch
    ) -> Response:
        async def attempt(current: DocumentView) -> Response:
            document = msgspec.to_builtins(self._telling.document(current))
            given = read_object(self._what, patch(document))
            given.check_address(key)
            asked = precondition(given.metadata.uid, given.metadata.resource_version)
            version = asked.resource_version or current.resource_version
            wanted = DocumentPrecondition(uid=asked.uid, resource_version=version)
            return await self._sent(request, given, key, options, wanted)

        return await self._writing.fresh(key, attempt)

    async def _sent(
        self,
        request: Request,
        given: GivenObject,
        key: DocumentKey,
        options: WriteOptions,
        wanted: DocumentPrecondition,
    ) -> Response:
        headers = given.check_unknown(options)
        command = ReplaceDocument(
            document=key,
            labels=given.metadata.labels,
            annotations=given.metadata.annotations,
            finalizers=given.metadata.finalizers,
            content=given.admitted(key),
            precondition=wanted,
        )
        view = await self._writing.carry_out(request, command, dry_run=options.dry_run)
        return json_response(self._telling.document(view), headers=headers)
