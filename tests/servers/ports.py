"""Ports for servers that must be told theirs before they start."""

import itertools
import os
import socket

_LOWEST = 20_000
_EACH = 1_000
_taken = itertools.count(os.getpid())


def free_port() -> int:
    """A port of the loopback that nobody uses now, nor soon by chance.

    It lies below those that the system gives to clients, and each process of a run takes from
    a part of its own: a port that is only found free may be gone before the server has it.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw9").removeprefix("gw")) % 10
    for number in itertools.islice(_taken, _EACH):
        port = _LOWEST + worker * _EACH + number % _EACH
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"no port from {_LOWEST + worker * _EACH} on is free")
