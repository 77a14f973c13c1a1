"""What a lab wrote: `log`."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.http.routing import key_in
from api.kubernetes.options import number
from api.services import Services
from application.mediator.questions import GetLogs

_DEFAULT_TAIL = 1000
_MOST_LINES = 100_000


class LabLog:
    """The route of the log."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator

    async def log(self, request: Request) -> Response:
        """The last lines of the lab's output, as they are."""
        asked = number(request.query_params, "tailLines", absent=_DEFAULT_TAIL)
        tail = min(asked, _MOST_LINES)
        text = await self._mediator.ask(GetLogs(key=key_in(request), tail=tail))
        return PlainTextResponse(text.encode("utf-8", errors="replace"))
