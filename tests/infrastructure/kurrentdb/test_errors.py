"""What the client raises, all of it, and what this service's own words for it are."""

import asyncio
import importlib
import pkgutil
from collections.abc import Iterator

import grpc
import grpc.aio
import kurrentdbclient
import pytest
from kurrentdbclient.common import handle_rpc_error
from kurrentdbclient.exceptions import (
    DiscoveryFailedError,
    InvalidCommitPositionError,
    KurrentDBClientError,
    NotFoundError,
    ServiceUnavailableError,
    SSLError,
    WrongCurrentVersionError,
)

from application.ports.event_store import EventStoreError, EventStoreUnavailable
from infrastructure.kurrentdb.address import read_address
from infrastructure.kurrentdb.clients import Clients, PassingTrouble
from infrastructure.kurrentdb.errors import Misconfigured

KEPT_INSIDE = {"GrpcStreamersCollectionClosedError"}  # the client catches this one itself
ANSWERS = (WrongCurrentVersionError, NotFoundError, InvalidCommitPositionError)


@pytest.fixture
def clients() -> Clients:
    return Clients(read_address("kurrentdb://127.0.0.1:1?Tls=false"), patience=1)


def raisable() -> Iterator[type[Exception]]:
    """Every class of error that any module of the client's package defines."""
    prefix = f"{kurrentdbclient.__name__}."
    for found in pkgutil.walk_packages(kurrentdbclient.__path__, prefix):
        if ".protos" in found.name or ".instrumentation" in found.name:
            continue
        for kind in vars(importlib.import_module(found.name)).values():
            defined = isinstance(kind, type) and kind.__module__ == found.name
            if defined and issubclass(kind, Exception) and kind.__name__ not in KEPT_INSIDE:
                yield kind


def test_the_errors_of_the_client_are_found() -> None:
    assert {KurrentDBClientError, SSLError, *ANSWERS} < set(raisable())


@pytest.mark.parametrize("kind", list(raisable()), ids=lambda kind: kind.__name__)
async def test_every_error_of_the_client_becomes_an_error_of_the_port(
    clients: Clients, kind: type[Exception]
) -> None:
    error = Exception.__new__(kind, "what the server said")  # they are made in many ways

    with pytest.raises(EventStoreError), clients.understanding():
        raise error


@pytest.mark.parametrize("code", grpc.StatusCode)
async def test_every_status_of_a_call_becomes_an_error_of_the_port(
    clients: Clients, code: grpc.StatusCode
) -> None:
    nothing = grpc.aio.Metadata()
    raw = grpc.aio.AioRpcError(code, nothing, nothing, "the test wants it so")

    for error in (raw, handle_rpc_error(raw)):
        with pytest.raises(EventStoreError), clients.understanding():
            raise error


@pytest.mark.parametrize(
    "kind", [grpc.aio.UsageError, grpc.aio.AbortError, grpc.aio.InternalError]
)
async def test_every_error_of_grpc_itself_becomes_an_error_of_the_port(
    clients: Clients, kind: type[Exception]
) -> None:
    with pytest.raises(EventStoreError), clients.understanding():
        raise kind("the test wants it so")


@pytest.mark.parametrize("kind", ANSWERS)
async def test_an_answer_is_left_to_those_only_who_understand_it(
    clients: Clients, kind: type[Exception]
) -> None:
    others = tuple(other for other in ANSWERS if other is not kind)

    with pytest.raises(kind), clients.understanding(kind):
        raise kind("an answer")
    with pytest.raises(EventStoreUnavailable), clients.understanding(*others):
        raise kind("an answer")


@pytest.mark.parametrize(
    "said",
    [
        "Ssl handshake failed: SSL_ERROR_SSL: CERTIFICATE_VERIFY_FAILED",
        "Failed to create security handshaker",
    ],
)
async def test_faults_of_tls_are_reported_of_a_cluster_too(clients: Clients, said: str) -> None:
    with pytest.raises(Misconfigured, match="certificate"), clients.understanding():
        raise DiscoveryFailedError("no cluster info") from SSLError(said)


async def test_a_name_that_has_no_address_now_may_have_one_later(clients: Clients) -> None:
    with pytest.raises(PassingTrouble), clients.understanding():
        raise SSLError("empty address list: ")


async def test_errors_that_the_client_has_no_word_for_may_pass(clients: Clients) -> None:
    with pytest.raises(PassingTrouble), clients.understanding():
        raise KurrentDBClientError("Batch append response not received")


async def test_a_cancellation_that_the_client_swallows_goes_on(clients: Clients) -> None:
    async def swallowing() -> None:
        with clients.understanding():
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise ServiceUnavailableError from None

    waiting = asyncio.create_task(swallowing())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
