"""A service that cannot start says why in one line and leaves everything as it was."""

import asyncio
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.command_line.cli import app
from tests.scenarios.conftest import NewService
from tests.scenarios.labctl import labctl
from tests.scenarios.service import command, environment
from tests.servers.ports import free_port


async def _refused(*before: str, **variables: str) -> str:
    ports = {"LAB_HTTP_PORT": str(free_port()), "LAB_HTTPS_PORT": "0"}
    settings = {**ports, "LAB_PROVISIONER": "simulated", **variables}
    if not before:
        return _one_line(await labctl(settings, "serve"))
    ended = await asyncio.to_thread(
        subprocess.run,
        [*before, *command()],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return _one_line(ended)


def _one_line(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.returncode == 2, ended.stderr
    told = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert len(told) == 1, ended.stderr
    return told[0]


async def test_a_second_service_on_the_same_data_directory(new_service: NewService) -> None:
    service = new_service()
    await service.start()
    told = await _refused(LAB_DATA_DIR=str(service.data_dir))
    assert str(service.data_dir) in told
    assert str(service.pid) in told
    async with service.client() as client:
        assert (await client.get("/readyz")).status_code == 200


@pytest.mark.parametrize("variable", ["LAB_HTTP_PORT", "LAB_HTTPS_PORT"])
async def test_a_port_in_use(tmp_path: Path, variable: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = await _refused(LAB_DATA_DIR=str(tmp_path / "data"), **{variable: port})
    assert f"{variable}={port}" in told
    assert "another" in told


async def test_a_kubeconfig_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").mkdir()
    assert str(tmp_path / "kubeconfig") in await _refused(LAB_DATA_DIR=str(tmp_path))


async def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    for name in ("authority.crt", "authority.key"):
        (tmp_path / "tls" / name).write_text("not a certificate")
    assert "tls" in await _refused(LAB_DATA_DIR=str(tmp_path))


async def test_a_data_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    told = await _refused(LAB_DATA_DIR=str(tmp_path / "file" / "data"))
    assert str(tmp_path / "file") in told


@pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")
async def test_a_data_directory_that_is_read_only(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    data = str(tmp_path / "data")
    read_only = ("bwrap", "--dev-bind", "/", "/", "--ro-bind", data, data)
    told = await _refused(*read_only, LAB_DATA_DIR=data)
    assert f"data directory '{data}' cannot be used: it may not be read or written" in told
    assert "see whose it is, and how its disk is mounted" in told
    assert list((tmp_path / "data").iterdir()) == []


async def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "labs.sqlite").write_text("this is not a database, but a letter. " * 100)
    told = await _refused(LAB_DATA_DIR=str(tmp_path))
    assert "labs.sqlite" in told
    assert (tmp_path / "labs.sqlite").read_text().startswith("this is not a database")


async def test_replicas_that_would_have_nothing_to_divide_the_labs_by(tmp_path: Path) -> None:
    told = await _refused(
        LAB_DATA_DIR=str(tmp_path / "data"),
        LAB_EVENT_STORE="kurrentdb://127.0.0.1:1?Tls=false",
        LAB_SHARDS="8",
    )
    assert "LAB_READ_MODEL" in told


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("LAB_HTTP_PORT", "eighty", "65535"),
        ("LAB_PROFILE", "fast", "development or production"),
        ("LAB_SIMULATED_FAILURE_RATE", "2", "1"),
        ("LAB_RECONCILE_INTERVAL", "soon", "5s"),
        ("LAB_EVENT_STORE", "oracle", "sqlite"),
        ("LAB_SHARDS", "65", "from 1 to 64"),
    ],
)
def test_a_setting_that_makes_no_sense(
    tmp_path: Path, variable: str, value: str, allowed: str
) -> None:
    variables = {"LAB_DATA_DIR": str(tmp_path / "data"), variable: value}
    ended = CliRunner().invoke(app, ["serve"], env=variables)  # spares six starts of Python
    assert (ended.exit_code, ended.stdout) == (2, "")
    [told] = ended.stderr.splitlines()
    assert variable in told
    assert value in told
    assert allowed in told
    assert not (tmp_path / "data").exists()
