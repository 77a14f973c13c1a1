"""GET of one object and of lists of them."""

from starlette.requests import Request
from starlette.responses import Response

from api.http.leaving import unless_gone
from api.http.responses import json_response
from api.kubernetes.continue_token import write_token
from api.kubernetes.list_body import list_response
from api.kubernetes.list_metadata import ListMetadata
from api.kubernetes.moments import may_be_past, moment_of_get
from api.kubernetes.options import is_true, watch_options
from api.kubernetes.representations import requested_representation
from api.objects.addresses import key_in, namespace_in
from api.objects.lists import ObjectLists
from api.objects.object_kind import ObjectKind
from api.objects.presenter import ObjectPresenter
from api.objects.selection import selection_of
from api.objects.watch import WatchedObjects
from api.services import Services
from api.watching.watch import begin_watch
from application.mediator.object_questions import GetApiObject


class ObjectReads:
    """The reading routes of one kind."""

    def __init__(self, services: Services, what: ObjectKind) -> None:
        self._services = services
        self._mediator = services.mediator
        self._clock = services.clock
        self._what = what
        self._presenter = ObjectPresenter(what)
        self._lists = ObjectLists(services)

    async def get(self, request: Request) -> Response:
        """One object, now or at a moment of the past."""
        form = requested_representation(request, self._presenter, self._clock)
        key, moment = key_in(request, self._what), moment_of_get(request.query_params)
        return json_response(
            form.one(await self._mediator.ask(GetApiObject(key=key, moment=moment)))
        )

    async def list_or_watch(self, request: Request) -> Response:
        """The objects that match, or their changes from now on."""
        query = request.query_params
        form = requested_representation(request, self._presenter, self._clock)
        selection = selection_of(self._what, query, namespace_in(request))
        if is_true(query, "watch"):
            watched = WatchedObjects(self._services, self._lists, selection)
            return await begin_watch(watched, watch_options(query), form, self._services.limits)
        listing = self._lists.page(selection, query)
        past = may_be_past(query)
        page = await (unless_gone(request.receive, listing) if past else listing)
        rest = write_token(page.rest) if page.rest else None
        metadata = ListMetadata(resource_version=str(page.position), continue_=rest)
        return list_response(form, page.views, metadata)
