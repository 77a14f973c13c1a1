"""POST of an object."""

from starlette.requests import Request
from starlette.responses import Response

from api.http.request_identity import context_of
from api.http.responses import json_response
from api.kubernetes.body import read_any
from api.kubernetes.naming import check_new, for_object, generated_name
from api.kubernetes.options import WriteOptions, write_options
from api.kubernetes.ownership import Managers, after_apply, after_update
from api.kubernetes.write_checks import check_unknown
from api.kubernetes.writer import writer_of
from api.kubernetes.writing import Writing
from api.objects.addresses import namespace_in
from api.objects.given_object import GivenObject, read_object
from api.objects.object_kind import ObjectKind
from api.objects.owners import wished_by
from api.objects.presenter import ObjectPresenter
from api.services import Services
from domain.api_object.commands import DeclareApiObject
from domain.api_object.errors import ApiObjectNotFound
from domain.api_object.key import ApiObjectKey


class ObjectCreate:
    """The creating route of one kind."""

    def __init__(self, services: Services, what: ObjectKind) -> None:
        self._what = what
        self._presenter = ObjectPresenter(what)
        self._clock = services.clock
        self._randomness = services.randomness
        self._writing = Writing(services)

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
        self, request: Request, given: GivenObject, key: ApiObjectKey, options: WriteOptions
    ) -> Response:
        """The object that a server-side apply has to make. Raises ApiObjectNotFound for one
        that was said to be there."""
        if given.metadata.uid or given.metadata.resource_version:
            raise ApiObjectNotFound(key)
        writer = writer_of(request, subresource="", at=self._clock.now())
        owners = after_apply((), {}, wished_by(given), writer, force=False).managers
        return await self._declared(request, given, key, options, owners)

    async def _declared(
        self,
        request: Request,
        given: GivenObject,
        key: ApiObjectKey,
        options: WriteOptions,
        owners: Managers,
    ) -> Response:
        headers = check_unknown(request, given, options)
        command = DeclareApiObject(
            key=key,
            uid=self._randomness.uid(),
            labels=given.metadata.labels,
            annotations=given.metadata.annotations,
            finalizers=given.metadata.finalizers,
            content=given.admitted(key),
            managers=owners,
        )
        context = for_object(context_of(request), key.name)
        view = await self._writing.carry_out(
            request, command, dry_run=options.dry_run, context=context
        )
        return json_response(self._presenter.document(view), code=201, headers=headers)
