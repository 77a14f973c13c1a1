"""Lists of objects in pages that all tell one moment."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from api.http.refusals import BadRequest
from api.kubernetes.continue_token import ContinueFrom, read_token
from api.kubernetes.options import moment_of_list, number
from api.objects.selection import Selection
from api.services import Services
from application.mediator.object_questions import ApiObjectList, ListApiObjects
from application.mediator.questions import AtPosition, Latest, Moment
from application.ports.object_views import ApiObjectChange, ApiObjectView
from domain.api_object.key import ApiObjectKey
from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPage:
    """Some of the objects as they were at `position`; `rest` tells where others begin."""

    views: Sequence[ApiObjectView]
    position: int
    rest: ContinueFrom | None


class ObjectLists:
    """Reads them. There are few objects, so each page is cut from the whole list; a later
    page's list is put back to the moment of the first by the changes that came between."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._feed = services.object_feed
        self._limit = services.limits.list_limit

    async def all(self, selection: Selection, moment: Moment) -> ObjectPage:
        """Every object that matches."""
        listed = await self._ask(selection, moment)
        views = [view for view in listed.views if selection.matches(view)]
        return ObjectPage(views=views, position=listed.position, rest=None)

    async def page(self, selection: Selection, query: QueryParams) -> ObjectPage:
        """The page that the query asks for. Raises BadRequest, InvalidOptions."""
        limit = min(number(query, "limit", absent=0) or self._limit, self._limit)
        token = query.get("continue")
        if not token:
            moment = moment_of_list(query)
            listed = await self._ask(selection, moment)
            past, after = not isinstance(moment, Latest), None
        else:
            if query.get("resourceVersion") not in (None, "", "0"):
                told = "specifying resource version is not allowed when using continue"
                raise BadRequest(told)
            place = read_token(token)
            listed = await self._as_of(selection, place)
            past, after = place.past, (place.after.namespace, place.after.name)
        matching = [
            view
            for view in listed.views
            if (after is None or view.api_object.key.place > after) and selection.matches(view)
        ]
        rest = None
        if len(matching) > limit:
            last = LabKey(*matching[limit - 1].api_object.key.place)
            rest = ContinueFrom(after=last, position=listed.position, past=past)
        return ObjectPage(views=matching[:limit], position=listed.position, rest=rest)

    async def _as_of(self, selection: Selection, place: ContinueFrom) -> ApiObjectList:
        if place.past:
            return await self._ask(selection, AtPosition(position=place.position))
        listed = await self._ask(selection, Latest(not_older_than=place.position))
        if listed.position == place.position:
            return listed
        views = {view.api_object.key: view for view in listed.views}
        put_back: set[ApiObjectKey] = set()
        async with aclosing(self._feed.changes(after=place.position)) as changes:
            async for change in changes:
                if isinstance(change, ApiObjectChange) and change.position <= listed.position:
                    if change.key not in put_back:
                        put_back.add(change.key)
                        views.pop(change.key, None)
                        if change.before is not None:
                            views[change.key] = change.before
                elif change.position >= listed.position:
                    break
        ordered = sorted(views.values(), key=lambda view: view.api_object.key.place)
        return ApiObjectList(views=ordered, position=place.position)

    async def _ask(self, selection: Selection, moment: Moment) -> ApiObjectList:
        question = ListApiObjects(
            kind=selection.what.stored_as, namespace=selection.namespace, moment=moment
        )
        return await self._mediator.ask(question)
