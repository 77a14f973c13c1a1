"""The server itself: started, stopped and started again on its port, inside this process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from kurrentdbclient.protos.v1 import gossip_pb2, gossip_pb2_grpc, streams_pb2_grpc

from application.ports.clock import Clock
from tests.kurrentdb_server.admission import Admission
from tests.kurrentdb_server.edition import Edition
from tests.kurrentdb_server.faults import Faults
from tests.kurrentdb_server.log import Log
from tests.kurrentdb_server.service import Streams

HOST = "127.0.0.1"
_OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", 17 * 1024 * 1024),
    # Servers of this kind do not mind being asked often whether they are alive.
    ("grpc.http2.min_ping_interval_without_data_ms", 0),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.keepalive_permit_without_calls", 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What the server proves itself with, and the authority that clients have to be proven by,
    if any; all in PEM."""

    chain: bytes
    key: bytes
    clients: bytes | None = None


class KurrentDBServer:
    """One node with one log. `log` and `faults` are there to be looked at and to be changed."""

    def __init__(
        self,
        *,
        clock: Clock,
        file: Path | None = None,
        certificate: Certificate | None = None,
        users: Mapping[str, str] | None = None,
        edition: Edition = Edition.V25,
    ) -> None:
        self._certificate = certificate
        self._server: Any = None
        self.edition = edition
        self.log = Log(clock, file)
        self.faults = Faults()
        self._admission = Admission(self.faults, users)
        self.streams = Streams(self.log, self.faults, self._admission, edition)
        self.gossip = Gossip(self, self._admission)
        self.port = 0

    @property
    def uri(self) -> str:
        """Where it is, for clients that need no credentials."""
        return f"kurrentdb://{HOST}:{self.port}?Tls=false"

    async def start(self, port: int = 0) -> None:
        """Listen on this port, or on the one from before, or on a free one."""
        server = grpc.aio.server(options=_OPTIONS)
        streams_pb2_grpc.add_StreamsServicer_to_server(self.streams, server)  # type: ignore[no-untyped-call]
        gossip_pb2_grpc.add_GossipServicer_to_server(self.gossip, server)  # type: ignore[no-untyped-call]
        address = f"{HOST}:{port or self.port}"
        if self._certificate is None:
            self.port = server.add_insecure_port(address)
        else:
            pair = (self._certificate.key, self._certificate.chain)
            clients = self._certificate.clients
            credentials = grpc.ssl_server_credentials([pair], clients, clients is not None)
            self.port = server.add_secure_port(address, credentials)
        await server.start()
        self._server = server

    async def stop(self) -> None:
        """Break every connection and listen no more. The log stays."""
        server, self._server = self._server, None
        if server is not None:
            await server.stop(grace=None)

    async def wait(self) -> None:
        """Serve until the server is stopped."""
        await self._server.wait_for_termination()


class Gossip(gossip_pb2_grpc.GossipServicer):
    """Tells clients that look for the leader of a cluster who it is: this node, unless it has
    become a follower."""

    def __init__(self, server: KurrentDBServer, admission: Admission) -> None:
        self._server = server
        self._admission = admission

    async def Read(self, request: Any, context: Any) -> gossip_pb2.ClusterInfo:  # noqa: N802
        await self._admission.admit(context)
        faults, here = self._server.faults, self._server.port
        states = gossip_pb2.MemberInfo.VNodeState
        told = {here: states.Leader}
        if faults.is_follower:
            told = {here: states.Follower, faults.leader_port: states.Leader}
        return gossip_pb2.ClusterInfo(members=[_member(*one) for one in told.items()])


def _member(port: int, state: Any) -> gossip_pb2.MemberInfo:
    where = gossip_pb2.EndPoint(address=HOST, port=port)
    return gossip_pb2.MemberInfo(state=state, is_alive=True, http_end_point=where)


@asynccontextmanager
async def serving(server: KurrentDBServer, port: int = 0) -> AsyncIterator[KurrentDBServer]:
    """The server listening, until the block ends."""
    await server.start(port)
    try:
        yield server
    finally:
        server.faults.held.clear()
        await server.stop()
        server.log.close()
