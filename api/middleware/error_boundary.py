"""Whatever goes wrong inside leaves as a Status document."""

import logging

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.error_table import answer_to, internal_error
from api.responses import error_response

_log = logging.getLogger(__name__)


class ErrorBoundary:
    """Turns every exception into an answer, as the error table says.

    One that nobody expected is logged with its traceback and told without its inside. An
    answer that has begun already cannot be taken back: the connection is closed then.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            return
        except Exception as error:
            answer = answer_to(error)
            if answer is None:
                _log.exception("request failed unexpectedly", extra={"path": scope["path"]})
                answer = internal_error()
            if begun:
                raise
            await error_response(answer)(scope, receive, send)
