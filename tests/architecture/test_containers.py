"""docker-compose.yml and Dockerfile: what can be known about them without an engine."""

import re
from typing import Any

import pytest
import yaml

from infrastructure.settings import Settings, read_settings, unknown_variables
from tests.architecture.tree import ROOT

_FILE = ROOT / "docker-compose.yml"
_COMPOSE: dict[str, Any] = yaml.safe_load(_FILE.read_text())
_SERVICES: dict[str, dict[str, Any]] = _COMPOSE["services"]
_DOCKERFILE = (ROOT / "Dockerfile").read_text()
_KEYS = {
    *("build", "command", "depends_on", "environment", "healthcheck", "image", "init", "ports"),
    *("profiles", "restart", "stop_grace_period", "volumes"),
}
_CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
_DURATION = re.compile(r"([0-9]+(ms|s|m|h))+")
_EXACT_IMAGE = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)?:[0-9]+\.[0-9]+\.[0-9]+")
_SUBSTITUTED = re.compile(r"\$\{([A-Z_]+):-([^}]*)\}")


def test_the_file_says_nothing_that_compose_does_not_know() -> None:
    assert _COMPOSE.keys() <= {"name", "services", "volumes"}
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
        name: [mount.partition(":")[0] for mount in service["volumes"]]
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


def test_the_service_uses_the_servers_by_the_names_and_ports_they_have() -> None:
    shown = dict(re.findall(r"export (LAB_[A-Z_]+)='([^']+)'", _FILE.read_text()))
    settings = _configured(shown)
    hosts = [re.split("[/:?]+", uri)[1] for uri in (settings.event_store, settings.read_model)]
    assert hosts == ["kurrentdb", "mongodb"]
    assert {_SERVICES[host]["profiles"][0] for host in hosts} == {"servers"}
    [name] = re.findall("replicaSet=(.+)", settings.read_model)
    assert ["--replSet", name] == _SERVICES["mongodb"]["command"][:2]
    assert f'_id: "{name}"' in _SERVICES["mongodb"]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("word", ["USER lab", "--require-hashes", "--no-cache-dir"])
def test_the_image_is_small_checked_and_not_roots(word: str) -> None:
    assert word in _DOCKERFILE
    after = _DOCKERFILE.partition("USER lab")[2]
    assert "RUN" not in after
    assert "USER root" not in after


def _configured(environ: dict[str, str]) -> Settings:
    """What the service understands of the environment that it is given."""

    def substituted(value: str) -> str:
        return _SUBSTITUTED.sub(lambda found: environ.get(found[1]) or found[2], value)

    given = {name: substituted(value) for name, value in _SERVICES["lab"]["environment"].items()}
    in_image = dict(re.findall(r"(LAB_[A-Z_]+)=(\S+)", _DOCKERFILE))
    assert list(unknown_variables(given | in_image)) == []
    return read_settings(in_image | given)
