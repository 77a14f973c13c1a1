"""What operators and their tools ask: alive, ready, measured, which version."""

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from api.kubernetes.options import is_true
from api.services import Services
from api.version import SERVICE_VERSION
from application.service import Check


class VersionInfo(BaseModel):
    """Kubernetes' version.Info: which API conventions are spoken, and by what."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    major: str
    minor: str
    git_version: str
    git_commit: str
    git_tree_state: str
    build_date: str
    go_version: str
    compiler: str
    platform: str


_VERSION = VersionInfo(
    major="1",
    minor="37",
    git_version=f"v1.37.0+lab-{SERVICE_VERSION}",
    git_commit="",
    git_tree_state="",
    build_date="",
    go_version="",
    compiler="",
    platform="",
)


def system_router(services: Services) -> APIRouter:
    """The routes; all but /metrics are open to everybody."""
    router = APIRouter(tags=["system"], default_response_class=PlainTextResponse)

    @router.get("/livez")
    async def livez() -> str:
        """The process answers."""
        return "ok"

    @router.get("/readyz", responses={503: {"description": "some check failed"}})
    async def readyz(request: Request) -> Response:
        """Whether it can do its work, and what warns; `?verbose` tells every check."""
        checks = await services.readiness()
        ready = all(check.ok for check in checks)
        if ready and not is_true(request.query_params, "verbose"):
            return PlainTextResponse(_ok_and_warnings(checks))
        code = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return PlainTextResponse(_told(checks, ready=ready), status_code=code)

    @router.get("/metrics")
    async def metrics() -> Response:
        """Prometheus metrics."""
        body = await services.metrics()
        return Response(body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    @router.get("/version", response_class=Response, response_model=VersionInfo)
    async def version() -> Response:
        """The version of the conventions and of the service."""
        body = _VERSION.model_dump_json(by_alias=True)
        return Response(body, media_type="application/json")

    return router


def _ok_and_warnings(checks: Sequence[Check]) -> str:
    return "\n".join(["ok", *(f"{one.name}: {one.message}" for one in checks if one.warns)])


def _told(checks: Sequence[Check], *, ready: bool) -> str:
    lines = [_line(check) for check in checks]
    lines.append("readyz check passed" if ready else "readyz check failed")
    return "\n".join(lines) + "\n"


def _line(check: Check) -> str:
    mark, word = ("[+]", "ok") if check.ok else ("[-]", "failed")
    told = f": {check.message}" if check.message else ""
    return f"{mark}{check.name} {word}{told}"
