"""A service whose event store's server is not as the address says: one line at the start, and
nothing is written anywhere."""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from infrastructure.settings import read_settings
from infrastructure.system_clock import SystemClock
from infrastructure.tls.certificates import server_files
from infrastructure.unusable import Unusable
from infrastructure.wiring.adapters import open_adapters
from tests.kurrentdb_server.server import Certificate, KurrentDBServer, serving
from tests.scenarios.labctl import refused
from tests.servers.ports import free_port

_AUTHORITY = "authority.crt"
_WRONG_PASSWORD = "labs:open-sesame@{}?TlsCaFile={}"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[KurrentDBServer]:
    """A server that speaks TLS, knows one user, and is too old."""
    clock = SystemClock()
    files = server_files(tmp_path, "127.0.0.1", clock.now())
    (tmp_path / _AUTHORITY).write_text(files.authority)
    shown = Certificate(chain=files.certificate.read_bytes(), key=files.key.read_bytes())
    old = KurrentDBServer(clock=clock, certificate=shown, users={"labs": "sesame"})
    old.faults.tells_catching_up = False
    async with serving(old):
        yield old


@pytest.fixture
def variables(server: KurrentDBServer, mongodb_uri: str, tmp_path: Path) -> Mapping[str, str]:
    """All that the service is told but for the event store."""
    return {
        "LAB_DATA_DIR": str(tmp_path / "data"),
        "LAB_HTTP_PORT": str(free_port()),
        "LAB_HTTPS_PORT": "0",
        "LAB_READ_MODEL": mongodb_uri,
    }


@pytest.fixture
def untouched(
    server: KurrentDBServer,
    mongodb_uri: str,
    mongodb_janitor: MongoClient[dict[str, Any]],
    tmp_path: Path,
) -> Iterator[None]:
    """Nothing is in any store, at the end."""
    yield
    assert server.log.records == []
    database = mongodb_uri.partition("://")[2].partition("/")[2].partition("?")[0]
    assert database not in mongodb_janitor.list_database_names()
    assert not (tmp_path / "data" / "labs.sqlite").exists()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        pytest.param(_WRONG_PASSWORD, "it refuses the user", id="wrong password"),
        pytest.param("labs:sesame@{}", "its certificate is not trusted", id="unknown authority"),
        pytest.param("{}?Tls=false&DefaultDeadline=1", "it speaks TLS", id="no TLS"),
        pytest.param(
            "labs:sesame@{}?TlsCaFile={}&DefaultDeadline=1", "23.10 or newer", id="too old"
        ),
    ],
)
@pytest.mark.usefixtures("untouched")
async def test_a_server_that_is_not_as_the_address_says_is_refused_in_one_line(
    server: KurrentDBServer,
    variables: Mapping[str, str],
    tmp_path: Path,
    address: str,
    told: str,
) -> None:
    with pytest.raises(Unusable, match=told) as refusal:
        async with open_adapters(
            read_settings({**variables, **_event_store(server, tmp_path, address)})
        ):
            pass

    assert "\n" not in str(refusal.value)
    assert "sesame" not in str(refusal.value)


@pytest.mark.usefixtures("untouched")
async def test_the_line_is_all_that_is_told_to_whoever_has_started_it(
    server: KurrentDBServer, variables: Mapping[str, str], tmp_path: Path
) -> None:
    settings = {**variables, **_event_store(server, tmp_path, _WRONG_PASSWORD)}

    line = await refused(settings, "serve")

    assert "it refuses the user" in line
    assert "sesame" not in line


def _event_store(server: KurrentDBServer, folder: Path, address: str) -> Mapping[str, str]:
    where = address.format(f"127.0.0.1:{server.port}", folder / _AUTHORITY)
    return {"LAB_EVENT_STORE": f"esdb://{where}"}
