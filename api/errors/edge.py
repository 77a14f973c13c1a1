"""What every request passes through, in one step: each further layer would cost every request."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors.boundary import Answering
from api.http.authentication import Authentication
from api.http.body_limit import BodyLimit
from api.http.failed_logins import FailedLogins
from api.http.head_requests import ANSWERED, as_get
from api.http.off_loop import OffLoop
from api.http.refusals import Unauthenticated
from api.http.request_identity import RequestIdentity
from api.http.unsupported_headers import refuse_unsupported


class Edge:
    """Lets a request in to the application `inside` when its sender is known and its body is
    not too large, and puts the correlation id on every answer, refusals among them.

    Clients write `/version/` as well as `/version`: slashes are taken off the end of paths.
    """

    def __init__(
        self,
        inside: ASGIApp,
        *,
        identity: RequestIdentity,
        authentication: Authentication,
        limit: BodyLimit,
        off_loop: OffLoop,
        failed_logins: FailedLogins,
    ) -> None:
        self._inside = inside
        self._identity = identity
        self._authentication = authentication
        self._limit = limit
        self._off_loop = off_loop
        self._failed_logins = failed_logins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        # For speed, decision 4: one step instead of four layers.
        if scope["path"].endswith("/"):
            scope["path"] = scope["path"].rstrip("/") or "/"
        if scope["method"] == "HEAD" and scope["path"] in ANSWERED:
            scope, send = as_get(scope, send)
        caller = self._identity.noted_in(scope)
        correlation = (b"x-correlation-id", caller.correlation_id.encode())
        answering = Answering(send, (correlation,))
        try:
            self._authentication.check(scope["path"], caller)
            if caller.user:
                refuse_unsupported(scope, caller.headers, caller.user)
            self._off_loop.note_in(scope)
            receive = self._limit.bounded(caller.headers, receive)
            await self._inside(scope, receive, answering)
        except Unauthenticated as error:
            await self._failed_logins.note(scope)
            await answering.fail(error, scope, receive)
        except Exception as error:  # noqa: BLE001  every error is answered
            await answering.fail(error, scope, receive)
