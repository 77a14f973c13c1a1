"""POST of an object."""

from starlette.requests import Request
from starlette.responses import Response

from api.kubernetes.object_body import read_any
from api.kubernetes.objects.addresses import namespace_in
from api.kubernetes.objects.given_object import GivenObject, read_object
from api.kubernetes.objects.object_kind import ObjectKind
from api.kubernetes.objects.owners import wished_by
from api.kubernetes.objects.telling import ObjectTelling
from api.kubernetes.objects.writing import ObjectWriting
from api.kubernetes.ownership import Managers, after_apply, after_update
from api.kubernetes.writer import writer_of
from api.lab_create import check_new, generated_name, narrowed
from api.middleware.request_identity import context_of
from api.options import WriteOptions, write_options
from api.responses import json_response
from api.services import Services
from api.writing import check_unknown
from domain.document.commands import DeclareDocument
from domain.document.errors import DocumentNotFound
from domain.document.key import DocumentKey


class ObjectCreate:
    """The creating route of one kind."""

    def __init__(self, services: Services, what: ObjectKind) -> None:
        self._what = what
        self._telling = ObjectTelling(what)
        self._clock = services.clock
        self._randomness = services.randomness
        self._writing = ObjectWriting(services)

    async def create(self, request: Request) -> Response:
        """A new object: 201, and the same again for a repeat."""
        options = write_options(request, "CreateOptions")
        given = read_object(self._what, await read_any(request))
        namespace = namespace_in(request) or ""
        check_new(given.metadata, namespace)
        prefix = given.metadata.generate_name
        name = given.metadata.name or generated_name(prefix, context_of(request).command_id)
        writer = writer_of(request, subresource="", at=self._clock.now())
        owners = after_update((), {}, wished_by(given), writer)
        return await self._declared(
            request, given, self._what.key(namespace, name), options, owners
        )

    async def apply(
        self, request: Request, given: GivenObject, key: DocumentKey, options: WriteOptions
    ) -> Response:
        """The object that a server-side apply has to make. Raises DocumentNotFound for one
        that was said to be there."""
        if given.metadata.uid or given.metadata.resource_version:
            raise DocumentNotFound(key)
        writer = writer_of(request, subresource="", at=self._clock.now())
        owners = after_apply((), {}, wished_by(given), writer, force=False).managers
        return await self._declared(request, given, key, options, owners)

    async def _declared(
        self,
        request: Request,
        given: GivenObject,
        key: DocumentKey,
        options: WriteOptions,
        owners: Managers,
    ) -> Response:
        headers = check_unknown(given, options)
        command = DeclareDocument(
            document=key,
            uid=self._randomness.uid(),
            labels=given.metadata.labels,
            annotations=given.metadata.annotations,
            finalizers=given.metadata.finalizers,
            content=given.admitted(key),
            managers=owners,
        )
        context = narrowed(context_of(request), key.name)
        view = await self._writing.carry_out(
            request, command, dry_run=options.dry_run, context=context
        )
        return json_response(self._telling.document(view), code=201, headers=headers)
