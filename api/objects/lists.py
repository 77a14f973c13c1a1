"""Lists of objects in pages that all show one moment."""

from starlette.datastructures import QueryParams

from api.kubernetes.continue_token import ContinueFrom, Segment, place_in
from api.kubernetes.moments import moment_of_list
from api.kubernetes.options import number
from api.objects.selection import Selection
from api.services import Services
from api.watching.watch import states_before
from application.mediator.object_questions import ApiObjectList, ListApiObjects
from application.mediator.questions import AtPosition, Latest, Moment
from application.ports.views import ApiObjectView
from domain.lab_instance.key import LabKey

ObjectSegment = Segment[ApiObjectView]


class ObjectLists:
    """Reads them. There are few objects, so each page is cut from the whole list; a later
    page's list is put back to the moment of the first by the changes that came between."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._feed = services.object_feed
        self._limit = services.limits.list_limit

    async def all(self, selection: Selection, moment: Moment) -> ObjectSegment:
        """Every object that matches."""
        listed = await self._ask(selection, moment)
        views = [view for view in listed.views if selection.matches(view)]
        return Segment(views=views, position=listed.position, rest=None)

    async def page(self, selection: Selection, query: QueryParams) -> ObjectSegment:
        """The page that the query asks for. Raises BadRequest, InvalidOptions."""
        limit = min(number(query, "limit", absent=0) or self._limit, self._limit)
        place, after = place_in(query), None
        if place is None:
            moment = moment_of_list(query)
            listed, past = await self._ask(selection, moment), not isinstance(moment, Latest)
        else:
            listed, past = await self._as_of(selection, place), place.past
            after = (place.after.namespace, place.after.name)
        matching = [
            view
            for view in listed.views
            if (after is None or view.api_object.key.place > after) and selection.matches(view)
        ]
        rest = None
        if len(matching) > limit:
            last = LabKey(*matching[limit - 1].api_object.key.place)
            rest = ContinueFrom(after=last, position=listed.position, past=past)
        return Segment(views=matching[:limit], position=listed.position, rest=rest)

    async def _as_of(self, selection: Selection, place: ContinueFrom) -> ApiObjectList:
        if place.past:
            return await self._ask(selection, AtPosition(position=place.position))
        listed = await self._ask(selection, Latest(not_older_than=place.position))
        if listed.position == place.position:
            return listed
        views = {view.api_object.key: view for view in listed.views}
        for key, before in (
            await states_before(self._feed, place.position, listed.position)
        ).items():
            views.pop(key, None)
            if before is not None:
                views[key] = before
        ordered = sorted(views.values(), key=lambda view: view.api_object.key.place)
        return ApiObjectList(views=ordered, position=place.position)

    async def _ask(self, selection: Selection, moment: Moment) -> ApiObjectList:
        question = ListApiObjects(
            kind=selection.what.stored_as, namespace=selection.namespace, moment=moment
        )
        return await self._mediator.ask(question)
