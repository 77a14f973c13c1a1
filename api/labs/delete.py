"""DELETE of a lab, and of many."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from api.http.responses import json_response
from api.http.routing import key_in
from api.kubernetes.delete_options import GivenDeleteOptions, delete_options
from api.kubernetes.lab_kind import API_VERSION, GROUP, PLURAL
from api.kubernetes.list_metadata import ListMetadata
from api.kubernetes.status import StatusDetails, success
from api.kubernetes.writing import Writing, one_of_many
from api.labs.reads import wanted_labs
from api.labs.rendering import document_of
from api.labs.shapes import LabInstanceListDocument
from api.services import Services
from application.mediator.questions import NOW, ListLabInstances
from application.ports.views import LabInstanceView
from domain.errors import LabInstanceNotFound
from domain.lab_instance.commands import DeleteLabInstance
from domain.lab_instance.key import LabKey

_REASON = "user"


class LabDelete:
    """The deleting routes."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._writing = Writing(services)

    async def delete(self, request: Request) -> Response:
        """The lab shall go: the lab as it is being removed, since that takes its time."""
        key = key_in(request)
        options = await delete_options(request)
        view = await self._deleted(request, key, options)
        if view is None:
            details = StatusDetails(name=key.name, group=GROUP, kind=PLURAL)
            return json_response(success(details))
        return json_response(document_of(view))

    async def delete_collection(self, request: Request) -> Response:
        """All labs that match shall go: the labs as they are being removed."""
        options = await delete_options(request)
        wanted = wanted_labs(request.query_params, request.path_params["namespace"])
        place: LabKey | None = None
        gone: list[LabInstanceView] = []
        while True:
            moment = NOW
            question = ListLabInstances(wanted=wanted, moment=moment, after=place, limit=500)
            page = await self._mediator.ask(question)
            for view in page.views:
                with suppress(LabInstanceNotFound):  # it went by itself meanwhile
                    gone.append(await self._deleted(request, view.lab.key, options) or view)
            if not page.more:
                break
            place = page.views[-1].lab.key
        metadata = ListMetadata(resource_version=str(page.position))
        items = [document_of(view) for view in gone]
        return json_response(
            LabInstanceListDocument(api_version=API_VERSION, metadata=metadata, items=items)
        )

    async def _deleted(
        self, request: Request, key: LabKey, options: GivenDeleteOptions
    ) -> LabInstanceView | None:
        command = DeleteLabInstance(lab=key, reason=_REASON, precondition=options.precondition)
        return await self._writing.carry_out(
            request,
            command,
            dry_run=options.dry_run,
            context=one_of_many(request, key),
        )
