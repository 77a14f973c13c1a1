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
from api.server.accepting import Accepting
from api.server.connections import Connections
from api.server.descriptors import places_for_connections
from api.server.http_protocol import BoundedHttpProtocol
from api.server.listening import address_of, listening
from api.server.tls import Tls
from api.services import ApiLimits, Services
from application.ports.read_model import ForeignReadModel
from application.service import Service
from infrastructure.data_directory.admin_token import admin_token
from infrastructure.setting_values import is_loopback
from infrastructure.settings import Settings
from infrastructure.telemetry.redaction import Redactor
from infrastructure.unusable import Unusable, file_trouble
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
            places = places_for_connections(settings.max_connections)
            app = create_app(_services(application, token, places))
            connections = Connections(places)
            with contextlib.ExitStack() as stack:
                encrypted = stack.enter_context(
                    listening(settings.host, settings.https_port, "LAB_HTTPS_PORT")
                )
                tls = Tls(settings, application.clock, token, address_of(encrypted, "https"))
                secure = _Server(tls.configure(_config(app)), connections)
                servers = {secure: encrypted}
                if settings.http_port is not None:
                    host, port = settings.plain_host, settings.http_port
                    plain = stack.enter_context(listening(host, port, "LAB_HTTP_PORT"))
                    servers[_Server(_config(app), connections)] = plain
                    _warn_of_plain(host)
                await _serve(servers, tls, application, stopping)
    except ForeignReadModel as refusal:
        raise Unusable(str(refusal)) from refusal
    except OSError as error:
        if error.filename is None:
            raise
        raise Unusable(file_trouble(error)) from error


def _services(application: Service, token: str, places: int) -> Services:
    bearer = BearerToken(user=_ADMINISTRATOR, secret=token)
    limits = ApiLimits(connections=places)
    return Services(**vars(application), token=bearer, limits=limits)


def _warn_of_plain(host: str) -> None:
    if not is_loopback(host):
        _log.warning(
            "plain HTTP is served to others, and their tokens travel readable: "
            "set LAB_HTTP_PORT=off and use the HTTPS port",
            extra={"host": host},
        )


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
    """The server, leaving signals to `serve_until_stopped`, which stops more than HTTP, and the
    door to `Accepting`, which knows how many may come in."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._connections = connections

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept on the sockets."""
        self.servers = [
            Accepting(each, self._protocol, self._connections, self.config.ssl)  # type: ignore[misc]  # closes as a server does
            for each in sockets or ()
        ]
        self.started = True

    def _protocol(self) -> BoundedHttpProtocol:
        return BoundedHttpProtocol(
            self.config, self.server_state, {}, connections=self._connections
        )


def _spare_the_collector() -> None:
    """Freeze what is loaded, and collect young objects often, in small steps: a full collection
    cost a third of the processor time and paused everybody (decision 29)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 250, 100)


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping
