"""docker-compose.yml and Dockerfile: what can be known about them without an engine."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from infrastructure.settings import Settings, read_settings, unknown_variables
from tests.architecture.tree import ROOT

_FILE = ROOT / "docker-compose.yml"
_COMPOSE: dict[str, Any] = yaml.safe_load(_FILE.read_text())
_SERVICES: dict[str, dict[str, Any]] = _COMPOSE["services"]
_DOCKERFILE = (ROOT / "Dockerfile").read_text()
_OPERATIONS = (ROOT / "docs/operations.md").read_text()
_KEYS = {
    *("build", "cap_drop", "command", "depends_on", "env_file", "environment", "healthcheck"),
    *("image", "init", "mem_limit", "networks", "pids_limit", "ports", "profiles", "restart"),
    *("secrets", "security_opt", "stop_grace_period", "user", "volumes"),
}
_CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
_DURATION = re.compile(r"([0-9]+(ms|s|m|h))+")
_EXACT_IMAGE = re.compile(r"\$\{[A-Z]+_IMAGE:-[a-z0-9-]+(/[a-z0-9-]+)?:[0-9]+\.[0-9]+\.[0-9]+\}")
_SECRET = re.compile(r"\$[a-z]+")


def test_the_file_says_nothing_that_compose_does_not_know() -> None:
    assert _COMPOSE.keys() == {"name", "services", "networks", "secrets", "volumes"}
    for service in _SERVICES.values():
        assert service.keys() <= _KEYS
        assert ("image" in service) is not ("build" in service)
        assert service["restart"] == "unless-stopped"
        assert _DURATION.fullmatch(service["stop_grace_period"])
        values = [*service.get("environment", {}).values(), *service.get("command", [])]
        assert all(isinstance(value, str) for value in values)


def test_every_image_has_an_exact_version_and_no_registry() -> None:
    images = [service["image"] for service in _SERVICES.values() if "image" in service]
    assert images
    assert [image for image in images if not _EXACT_IMAGE.fullmatch(image)] == []


def test_ports_are_published_on_the_loopback() -> None:
    ports = [port for service in _SERVICES.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8080:8080", "127.0.0.1:8443:8443"]
    assert "EXPOSE 8080 8443" in _DOCKERFILE


def test_mounts_that_must_last_are_named_volumes() -> None:
    mounts = {
        name: [
            mount.partition(":")[0]
            for mount in service["volumes"]
            if not mount.startswith("./secrets/") or not mount.endswith(":ro")
        ]
        for name, service in _SERVICES.items()
    }
    assert all(mounts.values())
    assert {volume for volumes in mounts.values() for volume in volumes} == (
        _COMPOSE["volumes"].keys()
    )


def test_every_service_says_whether_it_is_well_and_starts_after_those_it_needs() -> None:
    for service in _SERVICES.values():
        check = service["healthcheck"]
        assert check.keys() == {"test", "interval", "timeout", "retries", "start_period"}
        assert check["test"][0] == "CMD"
        lengths = (check["interval"], check["timeout"], check["start_period"])
        assert all(_DURATION.fullmatch(length) for length in lengths)
        for needed, how in service.get("depends_on", {}).items():
            assert needed in _SERVICES
            assert how.keys() == {"condition", "required"}
            assert how["condition"] in _CONDITIONS
            assert how["required"] is ("profiles" not in _SERVICES[needed])


def test_the_service_without_servers_uses_its_embedded_stores() -> None:
    settings = _configured({})
    assert (settings.event_store, settings.read_model) == ("sqlite", "sqlite")
    assert settings.profile == "production"
    assert settings.isolation == "required"
    [optional] = _SERVICES["lab"]["env_file"]
    assert optional == {"path": "secrets/lab.env", "required": False}


def test_the_service_uses_the_servers_by_the_names_and_ports_they_have() -> None:
    written = dict(re.findall(r"^ *(LAB_[A-Z_]+)=(\S+)$", _OPERATIONS, re.MULTILINE))
    authority = str(ROOT / "LICENSE")  # any file that is there
    settings = _configured(
        {
            name: _SECRET.sub("x1", value).replace("/run/stores/authority.crt", authority)
            for name, value in written.items()
        }
    )
    hosts = [urlsplit(uri).hostname or "" for uri in (settings.event_store, settings.read_model)]
    assert hosts == ["kurrentdb", "mongodb"]
    assert {_SERVICES[host]["profiles"][0] for host in hosts} == {"servers"}
    [name] = re.findall("replicaSet=([a-z]+)", settings.read_model)
    assert f"--replSet {name} " in _SERVICES["mongodb"]["command"][-1]
    assert f'_id: "{name}"' in _SERVICES["mongodb"]["healthcheck"]["test"][-1]
    assert settings.secrets() == ["x1", "x1", "x1", "x1"], "both servers ask who calls"


def test_the_servers_ask_who_calls_and_only_the_service_reaches_them() -> None:
    kurrentdb, mongodb = _SERVICES["kurrentdb"], _SERVICES["mongodb"]
    assert kurrentdb["environment"]["KURRENTDB_INSECURE"] == "false"
    assert kurrentdb["env_file"] == ["secrets/kurrentdb.env"]
    assert "KURRENTDB_DEFAULT_ADMIN_PASSWORD=$" in _OPERATIONS
    assert "KURRENTDB_DEFAULT_OPS_PASSWORD=$" in _OPERATIONS
    assert "--keyFile" in mongodb["command"][-1]
    assert mongodb["environment"]["MONGO_INITDB_ROOT_PASSWORD_FILE"].startswith("/run/secrets/")
    assert _COMPOSE["networks"]["stores"] == {"internal": True}
    for server in (kurrentdb, mongodb):
        assert server["networks"] == ["stores"]
        assert "ports" not in server


def test_no_secret_stands_in_the_file_in_a_command_or_in_the_image() -> None:
    given = {name for service in _SERVICES.values() for name in service.get("secrets", [])}
    assert given == _COMPOSE["secrets"].keys()
    for secret in _COMPOSE["secrets"].values():
        assert secret["file"].startswith("secrets/")
        assert secret["file"].removeprefix("secrets/") in _OPERATIONS
    assert "/secrets/" in (ROOT / ".gitignore").read_text()
    assert "secrets" not in (ROOT / ".dockerignore").read_text()
    for service in _SERVICES.values():
        words = [*service.get("command", []), *service["healthcheck"]["test"]]
        assert not any(re.search(r"(?<!\S)--?p(assword)?\b|\$", word) for word in words)


def test_every_container_is_bounded_and_can_gain_nothing() -> None:
    for service in _SERVICES.values():
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert re.fullmatch("[0-9]+g", service["mem_limit"])
        assert service["pids_limit"] > 0
        assert "cap_add" not in service
        assert "privileged" not in service


def test_only_the_sandbox_of_labs_is_given_what_engines_forbid() -> None:
    forbidden = {"seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"}
    for name, service in _SERVICES.items():
        assert (forbidden <= set(service["security_opt"])) is (name == "lab")


@pytest.mark.parametrize("word", ["USER lab", "--require-hashes", "--no-cache-dir", "-m 0700"])
def test_the_image_is_small_checked_and_not_roots(word: str) -> None:
    assert word in _DOCKERFILE
    after = _DOCKERFILE.partition("USER lab")[2]
    assert "RUN" not in after
    assert "USER root" not in after


def _configured(written: dict[str, str]) -> Settings:
    """What the service understands of the environment that it is given."""
    in_image = dict(re.findall(r"(LAB_[A-Z_]+)=(\S+)", _DOCKERFILE))
    given = in_image | written | _SERVICES["lab"]["environment"]
    assert list(unknown_variables(given)) == []
    return read_settings(given)


@pytest.mark.parametrize("answers", [True, False])
def test_images_are_pinned_by_what_a_registry_answers_and_by_nothing_else(
    tmp_path: Path, *, answers: bool
) -> None:
    docker, pins = tmp_path / "docker", tmp_path / "pins"
    docker.write_text(f"#!/bin/sh\n{'echo sha256:$(echo $6 | wc -c)' if answers else 'exit 1'}\n")
    docker.chmod(0o700)
    pins.write_text("OTHER=1\nMONGODB_IMAGE=old\n")
    variables = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    made = subprocess.run(
        ["make", "pins", f"PINS={pins}"], cwd=ROOT, env=variables, check=False, capture_output=True
    )
    named = re.findall(r"\$\{(\w+_IMAGE):-([^}]+)\}", (ROOT / "docker-compose.yml").read_text())
    new = [f"{name}={image}@sha256:{len(image) + 1}" for name, image in named]
    kept = ["OTHER=1", "MONGODB_IMAGE=old"]
    assert len(named) == 3
    assert (made.returncode == 0) is answers
    assert pins.read_text().splitlines() == (["OTHER=1", *new] if answers else kept)
