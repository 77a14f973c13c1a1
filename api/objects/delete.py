"""DELETE of an object, and of many."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from api.http.responses import json_response
from api.kubernetes.delete_options import GivenDeleteOptions, delete_options
from api.kubernetes.list_metadata import ListMetadata
from api.kubernetes.status import StatusDetails, success
from api.kubernetes.writing import Writing, one_of_many
from api.objects.addresses import key_in, namespace_in
from api.objects.lists import ObjectLists
from api.objects.object_kind import ObjectKind
from api.objects.presenter import ObjectPresenter
from api.objects.selection import selection_of
from api.services import Services
from application.mediator.questions import NOW
from application.ports.views import ApiObjectView
from domain.api_object.commands import RemoveApiObject
from domain.api_object.errors import ApiObjectNotFound
from domain.api_object.key import ApiObjectKey


class ObjectDelete:
    """The deleting routes of one kind."""

    def __init__(self, services: Services, what: ObjectKind) -> None:
        self._what = what
        self._presenter = ObjectPresenter(what)
        self._lists = ObjectLists(services)
        self._writing = Writing(services)

    async def delete(self, request: Request) -> Response:
        """The object shall go: a Status when it is gone, else the object as it goes."""
        key = key_in(request, self._what)
        view = await self._removed(request, key, await delete_options(request))
        if not view.api_object.removed:
            return json_response(self._presenter.document(view))
        kind = self._what.kind
        details = StatusDetails(
            name=key.name, group=kind.group or None, kind=kind.plural, uid=view.api_object.uid
        )
        return json_response(success(details))

    async def delete_collection(self, request: Request) -> Response:
        """All objects that match shall go: the objects as they were last, or as they go."""
        options = await delete_options(request)
        selection = selection_of(self._what, request.query_params, namespace_in(request))
        page = await self._lists.all(selection, NOW)
        gone: list[ApiObjectView] = []
        for view in page.views:
            with suppress(ApiObjectNotFound):  # it went by itself meanwhile
                gone.append(await self._removed(request, view.api_object.key, options))
        kind = self._what.kind
        return json_response(
            {
                "kind": f"{kind.kind}List",
                "apiVersion": kind.api_version,
                "metadata": ListMetadata(resource_version=str(page.position)),
                "items": [self._presenter.document(view) for view in gone],
            }
        )

    async def _removed(
        self, request: Request, key: ApiObjectKey, options: GivenDeleteOptions
    ) -> ApiObjectView:
        command = RemoveApiObject(key=key, reason="user", precondition=options.precondition)
        return await self._writing.carry_out(
            request,
            command,
            dry_run=options.dry_run,
            context=one_of_many(request, key),
        )
