"""Whatever goes wrong inside leaves as a Status document."""

import logging
from collections.abc import Awaitable, Sequence

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors.error_answer import error_response
from api.errors.error_table import answer_to, internal_error
from api.http.refusals import Stopping

_log = logging.getLogger(__name__)


class Answering:
    """The `send` of one request, which notes that the answer has begun. `headers` are added to
    the answer's own."""

    __slots__ = ("_begun", "_headers", "_send")

    def __init__(self, send: Send, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        self._send = send
        self._headers = headers
        self._begun = False

    def __call__(self, message: Message) -> Awaitable[None]:
        """Send a part of the answer."""
        if not self._begun:
            self._begun = True
            message["headers"] = [*message["headers"], *self._headers]
        return self._send(message)

    async def fail(self, error: Exception, scope: Scope, receive: Receive) -> None:
        """Answer as the error table says. One that nobody expected is logged with its
        traceback and answered without its inside. An answer that has begun cannot be taken back:
        the error is raised again, which closes the connection. One that ends because the service
        stops is no error."""
        cut_short = self._begun and isinstance(error, Stopping)
        if cut_short or isinstance(error, ClientDisconnect):
            return
        answer = answer_to(error)
        if answer is None:
            _log.error(
                "request failed unexpectedly", extra={"path": scope["path"]}, exc_info=error
            )
            answer = internal_error()
        if self._begun:
            raise error
        await error_response(answer)(scope, receive, self)


class ErrorBoundary:
    """Turns every exception of the application inside into an answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        answering = Answering(send)
        try:
            await self._app(scope, receive, answering)
        except Exception as error:  # noqa: BLE001  every error is answered
            await answering.fail(error, scope, receive)
