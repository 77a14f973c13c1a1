"""Starting with a right or wrong configuration, and with a server that is not there yet."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import which

import pytest

from application.ports.event_store import EMPTY, EventStoreUnavailable
from infrastructure.kurrentdb.address import UnusableEventStore
from infrastructure.kurrentdb.connection import open_kurrentdb
from tests.contracts.given import SettableClock, new
from tests.infrastructure.kurrentdb.arrangement import STREAM, everything
from tests.kurrentdb_server.server import Certificate, KurrentDBServer, serving

PATIENCE = 1.5
PASSWORD = "s3cret/:?"
ENCODED = "s3cret%2F%3A%3F"


@pytest.fixture(scope="module")
def certificate_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that signs itself, and its key."""
    if which("openssl") is None:
        pytest.skip("there is no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", "key.pem", "-out", "chain.pem"]
    command = ["openssl", "req", "-x509", "-days", "2", *key, *files, *subject]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return folder / "chain.pem"


@pytest.fixture
def certificate(certificate_file: Path) -> Certificate:
    key = certificate_file.with_name("key.pem")
    return Certificate(chain=certificate_file.read_bytes(), key=key.read_bytes())


@pytest.fixture
async def secure(certificate: Certificate, clock: SettableClock) -> AsyncIterator[KurrentDBServer]:
    """A server that speaks TLS and knows one user."""
    users = {"labs": PASSWORD}
    running = KurrentDBServer(clock=clock, certificate=certificate, users=users)
    async with serving(running):
        yield running


async def test_over_tls_the_user_is_known_by_a_password_with_any_characters(
    secure: KurrentDBServer, certificate_file: Path, clock: SettableClock
) -> None:
    uri = f"kurrentdb://labs:{ENCODED}@127.0.0.1:{secure.port}?TlsCaFile={certificate_file}"

    async with open_kurrentdb(uri, clock=clock) as store:
        recorded = await store.append(STREAM, [new()], expected=EMPTY)
        assert await everything(store) == list(recorded)


@pytest.mark.parametrize(
    ("user", "options", "told"),
    [
        pytest.param("labs:wrong", "?TlsCaFile={ca}", "refuses the user", id="wrong password"),
        pytest.param(f"labs:{ENCODED}", "", "certificate is not trusted", id="unknown authority"),
        pytest.param("labs:x", "?TlsCaFile={here}", "holds no certificate", id="no certificate"),
    ],
)
async def test_a_configuration_that_does_not_fit_the_server_stops_the_start(
    secure: KurrentDBServer,
    certificate_file: Path,
    clock: SettableClock,
    user: str,
    options: str,
    told: str,
) -> None:
    options = options.format(ca=certificate_file, here=__file__)
    uri = f"kurrentdb://{user}@127.0.0.1:{secure.port}{options}"

    message = await refusal(uri, clock)

    assert told in message
    assert f"kurrentdb://127.0.0.1:{secure.port}" in message
    assert user.partition(":")[2] not in message
    assert secure.log.records == []


async def test_a_server_with_tls_stops_the_start_when_none_is_asked_for(
    secure: KurrentDBServer, clock: SettableClock
) -> None:
    assert "it speaks TLS, and the address says" in await refusal(secure.uri, clock)


async def test_a_server_without_tls_stops_the_start_when_tls_is_asked_for(
    server: KurrentDBServer, clock: SettableClock
) -> None:
    uri = f"esdb://labs:{ENCODED}@127.0.0.1:{server.port}"

    assert "does not speak TLS" in await refusal(uri, clock)


async def test_a_server_too_old_to_say_when_a_subscription_has_caught_up_stops_the_start(
    server: KurrentDBServer, clock: SettableClock
) -> None:
    server.faults.tells_catching_up = False

    assert "EventStoreDB 23.10 or newer" in await refusal(server.uri, clock)


async def test_a_server_that_does_not_know_the_calls_stops_the_start(
    server: KurrentDBServer, clock: SettableClock
) -> None:
    server.faults.unimplemented = True

    assert "does not know what it is asked" in await refusal(server.uri, clock)


async def test_a_web_server_stops_the_start(clock: SettableClock) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as web:
        port = web.sockets[0].getsockname()[1]
        assert "speaks HTTP/1" in await refusal(f"esdb://127.0.0.1:{port}?tls=false", clock)


async def test_a_server_that_is_not_there_yet_is_waited_for_by_those_who_ask(
    clock: SettableClock, caplog: pytest.LogCaptureFixture
) -> None:
    server = KurrentDBServer(clock=clock)
    async with serving(server):
        uri = server.uri
        await server.stop()
        started = asyncio.get_running_loop().time()
        async with open_kurrentdb(uri, clock=clock, patience=PATIENCE) as store:
            assert asyncio.get_running_loop().time() - started < 3 * PATIENCE
            assert "the event store cannot be reached yet" in caplog.messages
            with pytest.raises(EventStoreUnavailable):
                await store.head()
            await server.start()
            assert await store.append(STREAM, [new()], expected=EMPTY)


async def test_a_cluster_is_found_through_one_of_its_nodes(
    server: KurrentDBServer, clock: SettableClock
) -> None:
    uri = server.uri.replace("kurrentdb://", "kurrentdb+discover://")

    async with open_kurrentdb(uri, clock=clock) as store:
        recorded = await store.append(STREAM, [new()], expected=EMPTY)
        assert await everything(store) == list(recorded)


async def test_the_address_may_say_how_long_a_call_may_take(
    server: KurrentDBServer, clock: SettableClock
) -> None:
    async with open_kurrentdb(f"{server.uri}&DefaultDeadline=1", clock=clock) as store:
        server.faults.held.set()
        started = asyncio.get_running_loop().time()
        with pytest.raises(EventStoreUnavailable):
            await store.head()
        assert asyncio.get_running_loop().time() - started < 2
        server.faults.held.clear()


def test_a_service_on_other_stores_loads_no_client() -> None:
    program = "import sys, infrastructure.bootstrap; print('grpc' in sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


async def refusal(uri: str, clock: SettableClock) -> str:
    """The one line with which opening is refused."""
    with pytest.raises(UnusableEventStore) as refused:
        async with open_kurrentdb(uri, clock=clock, patience=PATIENCE):
            pass
    message = str(refused.value)
    assert "\n" not in message
    return message
