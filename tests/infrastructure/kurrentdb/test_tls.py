"""TLS: who proves what to whom, and what is said when it does not fit."""

import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from shutil import which

import pytest

from application.ports.event_store import EMPTY
from infrastructure.kurrentdb.connection import open_kurrentdb
from tests.contracts.given import SettableClock, new
from tests.infrastructure.kurrentdb.arrangement import PATIENCE, STREAM, everything, refusal
from tests.kurrentdb_server.server import Certificate, KurrentDBServer, serving

PASSWORD = "s3cret/:?"
ENCODED = "s3cret%2F%3A%3F"
_NO_KEY = "?TlsCaFile={ca}&UserCertFile={ca}&UserKeyFile={ca}"


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


async def test_a_user_proven_by_a_certificate_names_it_in_the_address(
    certificate: Certificate, certificate_file: Path, clock: SettableClock
) -> None:
    demanding = replace(certificate, clients=certificate.chain)
    key = certificate_file.with_name("key.pem")
    async with serving(KurrentDBServer(clock=clock, certificate=demanding)) as server:
        known = f"kurrentdb://labs:x@127.0.0.1:{server.port}?TlsCaFile={certificate_file}"
        proven = f"{known}&UserCertFile={certificate_file}&UserKeyFile={key}"
        async with open_kurrentdb(proven, clock=clock, patience=PATIENCE) as store:
            assert await store.append(STREAM, [new()], expected=EMPTY)


@pytest.mark.parametrize("scheme", ["kurrentdb", "kurrentdb+discover"])
@pytest.mark.parametrize(
    ("user", "options", "told"),
    [
        pytest.param("labs:wrong", "?TlsCaFile={ca}", "refuses the user", id="wrong password"),
        pytest.param(
            f"labs:{ENCODED}", "?Tls=true", "certificate is not trusted", id="unknown authority"
        ),
        pytest.param("labs:x", "?TlsCaFile={here}", "holds no certificate", id="no certificate"),
        pytest.param("labs:x", _NO_KEY, "or UserKeyFile holds no", id="no key"),
    ],
)
async def test_a_configuration_that_does_not_fit_the_server_stops_the_start(
    secure: KurrentDBServer,
    certificate_file: Path,
    clock: SettableClock,
    *,
    scheme: str,
    user: str,
    options: str,
    told: str,
) -> None:
    options = options.format(ca=certificate_file, here=__file__)
    uri = f"{scheme}://{user}@127.0.0.1:{secure.port}{options}&MaxDiscoverAttempts=1"

    message = await refusal(uri, clock)

    assert told in message
    assert f"{scheme}://127.0.0.1:{secure.port}" in message
    assert user.partition(":")[2] not in message
    assert secure.log.records == []


@pytest.mark.parametrize("scheme", ["kurrentdb", "kurrentdb+discover"])
async def test_a_server_with_tls_stops_the_start_when_none_is_asked_for(
    secure: KurrentDBServer, clock: SettableClock, scheme: str
) -> None:
    uri = f"{scheme}://127.0.0.1:{secure.port}?Tls=false&MaxDiscoverAttempts=1"

    assert "it speaks TLS, and the address says" in await refusal(uri, clock)


@pytest.mark.parametrize("scheme", ["esdb", "esdb+discover"])
async def test_a_server_without_tls_stops_the_start_when_tls_is_asked_for(
    server: KurrentDBServer, clock: SettableClock, scheme: str
) -> None:
    uri = f"{scheme}://labs:{ENCODED}@127.0.0.1:{server.port}?MaxDiscoverAttempts=1"

    assert "does not speak TLS" in await refusal(uri, clock)
