"""Which handler answers a path and a method: a table of its own, without detours, because every
command on a lab passes through here."""

from collections.abc import Awaitable, Callable, Mapping
from operator import itemgetter

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.refusals import MethodNotAllowed
from domain.errors import LabInstanceNotFound
from domain.lab_instance.key import LabKey
from domain.lab_instance.validation import name_faults, namespace_faults

Handler = Callable[[Request], Awaitable[Response]]
Methods = Mapping[str, Handler]


class Paths:
    """An ASGI application: each path's methods, and `otherwise` for all other paths.

    A path is written like `/namespaces/{namespace}/labs`; what stands for a name in braces is
    in the request's `path_params`. Raises MethodNotAllowed for a method that a path has not.
    """

    def __init__(self, paths: Mapping[str, Methods], otherwise: ASGIApp) -> None:
        self._otherwise = otherwise
        self._by_length: dict[int, list[_Path]] = {}
        for template, methods in paths.items():
            path = _Path(template, methods)
            self._by_length.setdefault(path.length, []).append(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        # For speed, decision 4.
        segments = scope["path"].split("/")
        for path in self._by_length.get(len(segments), ()):
            if path.fits(segments):
                scope["path_params"] = path.names_in(segments)
                handler = path.methods.get(scope["method"])
                if handler is None:
                    raise MethodNotAllowed(sorted(path.methods))
                response = await handler(Request(scope, receive))
                await response(scope, receive, send)
                return
        await self._otherwise(scope, receive, send)


class _Path:
    """One path as its segments: some are literal, the others have names."""

    def __init__(self, template: str, methods: Methods) -> None:
        segments = template.split("/")
        literal = [place for place, text in enumerate(segments) if not text.startswith("{")]
        self.length = len(segments)
        self.methods = methods
        self._literal = itemgetter(*literal)
        self._wanted = self._literal(segments)
        self._named = [
            (text[1:-1], place) for place, text in enumerate(segments) if place not in literal
        ]

    def fits(self, segments: list[str]) -> bool:
        return self._literal(segments) == self._wanted and all(
            segments[place] for _, place in self._named
        )

    def names_in(self, segments: list[str]) -> dict[str, str]:
        return {name: segments[place] for name, place in self._named}


def key_in(request: Request) -> LabKey:
    """The lab that the path names. Raises LabInstanceNotFound for what no lab can be named."""
    namespace, name = request.path_params["namespace"], request.path_params["name"]
    if name_faults("", name) or namespace_faults("", namespace):
        raise LabInstanceNotFound(namespace, name)
    return LabKey(namespace, name)
