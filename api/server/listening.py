"""Sockets that listen, and what they are called in a URL."""

import contextlib
import logging
import socket
from collections.abc import Iterator

from infrastructure.unusable import Unusable

_log = logging.getLogger(__name__)
_BACKLOG = 2048
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  only read, never listened on


class CannotListen(Unusable):
    """A port cannot be used; the message is one line for whoever started the service."""

    def __init__(self, variable: str, port: int, host: str, reason: str) -> None:
        super().__init__(
            f"{variable}={port}: cannot listen on {host}: "
            f"{reason}; stop what uses the port or choose another one"
        )


@contextlib.contextmanager
def listening(host: str, port: int, variable: str) -> Iterator[socket.socket]:
    """A socket that listens until the context ends; port 0 is any free one. `variable` is the
    setting that named the port. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(_BACKLOG)
        except OSError as error:
            raise CannotListen(variable, port, host, error.strerror or str(error)) from error
        scheme = variable.removeprefix("LAB_").removesuffix("_PORT").lower()
        _log.info("serving", extra={"address": address_of(listener, scheme)})
        yield listener


def address_of(listener: socket.socket, scheme: str) -> str:
    """The start of the URLs by which a client on this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    host = _EVERYWHERE.get(host, host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
