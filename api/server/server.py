"""Runs the service with its HTTP side: start, serve, stop in order."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Iterator, Mapping

import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from api.http.authentication import BearerToken
from api.server.http_protocol import BoundedHttpProtocol
from api.server.listening import address_of, listening
from api.server.tls import Tls
from api.services import Services
from application.ports.read_model import ForeignReadModel
from application.service import Service
from infrastructure.data_directory.admin_token import admin_token
from infrastructure.settings import Settings
from infrastructure.telemetry.redaction import Redactor
from infrastructure.unusable import Unusable
from infrastructure.wiring.bootstrap import running_application

_log = logging.getLogger(__name__)
_ADMINISTRATOR = "admin"


async def serve_until_stopped(settings: Settings, redactor: Redactor) -> None:
    """Serve until SIGTERM or SIGINT, then stop within the grace period.

    Raises Unusable when a port, the data directory or a file in it cannot be used.
    """
    stopping = _stop_signal()
    for secret in settings.secrets():
        redactor.conceal(secret)
    try:
        async with running_application(settings) as application:
            token = admin_token(settings.data_dir)
            redactor.conceal(token)
            _spare_the_collector()
            bearer = BearerToken(user=_ADMINISTRATOR, secret=token)
            app = create_app(Services(**vars(application), token=bearer))
            with (
                listening(settings.host, settings.http_port, "LAB_HTTP_PORT") as plain,
                listening(settings.host, settings.https_port, "LAB_HTTPS_PORT") as encrypted,
            ):
                tls = Tls(settings, application.clock, token, address_of(encrypted, "https"))
                secure = _Server(tls.configure(_config(app)))
                servers = {_Server(_config(app)): plain, secure: encrypted}
                await _serve(servers, tls, application, stopping)
    except ForeignReadModel as refusal:
        raise Unusable(str(refusal)) from refusal


async def _serve(
    servers: Mapping["_Server", socket.socket],
    tls: Tls,
    application: Service,
    stopping: asyncio.Event,
) -> None:
    serving = [
        asyncio.create_task(server.serve(sockets=[listener]), name="http")
        for server, listener in servers.items()
    ]
    renewing = asyncio.create_task(tls.renew_in_time(), name="certificate")
    stopped = asyncio.create_task(stopping.wait(), name="stop-signal")
    await asyncio.wait({*serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    _log.info("stopping")
    application.object_feed.close()
    application.watch_feed.close()  # else open watches would keep the servers waiting
    for server in servers:
        server.should_exit = True
    stopped.cancel()
    renewing.cancel()
    await asyncio.gather(*serving)
    await asyncio.gather(renewing, return_exceptions=True)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedHttpProtocol,
        ws="none",
        proxy_headers=False,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
    )


class _Server(uvicorn.Server):
    """The server, leaving signals to `serve_until_stopped`, which stops more than HTTP."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _spare_the_collector() -> None:
    """Look for cycles among what is new only: what the service keeps are views and events, which
    hold none, and looking through all of them again and again cost a third of its time. Each
    look is at little, while that is in the processor's cache: it holds everybody up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 250, 100)


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping
