"""The server as a process of its own: says where it listens, and serves until it is ended."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from infrastructure.system_clock import SystemClock
from tests.kurrentdb_server.edition import Edition
from tests.kurrentdb_server.server import KurrentDBServer, serving


async def serve(port: int, file: Path | None, edition: Edition) -> None:
    """Serve until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    server = KurrentDBServer(clock=SystemClock(), file=file, edition=edition)
    async with serving(server, port):
        sys.stdout.write(f"{server.uri}\n")
        sys.stdout.flush()
        await ended.wait()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.kurrentdb_server")
    parser.add_argument("--port", type=int, default=0, help="a free one when not given")
    parser.add_argument("--file", type=Path, help="keep the log there; in memory when not given")
    parser.add_argument("--edition", type=Edition, choices=[*Edition], default=Edition.V25)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.file, arguments.edition))


if __name__ == "__main__":
    main()
