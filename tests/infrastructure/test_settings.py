"""The settings: what each variable accepts, and how a wrong value is told."""

import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from infrastructure.setting_values import Allowed
from infrastructure.settings import (
    InvalidSetting,
    Settings,
    read_settings,
    unknown_variables,
    variable_of,
)


def test_settings_have_defaults_for_everything() -> None:
    settings = read_settings({})
    assert (settings.host, settings.http_port, settings.https_port) == ("127.0.0.1", 8080, 8443)
    assert settings.data_dir == Path.cwd() / ".lab"
    assert (settings.event_store, settings.read_model) == ("sqlite", "sqlite")
    assert settings.provisioner == "process"


def test_development_looks_often() -> None:
    settings = read_settings({"LAB_PROFILE": "development"})
    assert settings.poll_interval == timedelta(seconds=1)
    assert settings.reconcile_interval == timedelta(seconds=5)


def test_production_looks_less_often() -> None:
    settings = read_settings({"LAB_PROFILE": "production"})
    assert settings.poll_interval == timedelta(seconds=5)
    assert settings.reconcile_interval == timedelta(seconds=30)


def test_a_variable_overrides_the_profile() -> None:
    settings = read_settings({"LAB_PROFILE": "production", "LAB_POLL_INTERVAL": "3s"})
    assert settings.poll_interval == timedelta(seconds=3)
    assert settings.reconcile_interval == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("variables", "demanded"),
    [
        ({}, "preferred"),
        ({"LAB_HOST": "127.3.2.1"}, "preferred"),
        ({"LAB_HOST": "::1"}, "preferred"),
        ({"LAB_HOST": "localhost"}, "preferred"),
        ({"LAB_HOST": "0.0.0.0"}, "required"),
        ({"LAB_HOST": "::"}, "required"),
        ({"LAB_HOST": "labs.example.org"}, "required"),
        ({"LAB_HOST": "localhost.example.org"}, "required"),
        ({"LAB_PUBLIC_URL": "https://labs.example.org"}, "required"),
        ({"LAB_PROFILE": "production"}, "required"),
        ({"LAB_PROFILE": "production", "LAB_ISOLATION": "none"}, "none"),
        ({"LAB_HOST": "0.0.0.0", "LAB_ISOLATION": "preferred"}, "preferred"),
        ({"LAB_ISOLATION": "required"}, "required"),
    ],
)
def test_isolation_is_demanded_as_soon_as_others_can_come_in(
    variables: dict[str, str], demanded: str
) -> None:
    assert read_settings(variables).isolation == demanded


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2m", timedelta(minutes=2)),
        ("1m30s", timedelta(seconds=90)),
        ("250ms", timedelta(milliseconds=250)),
        ("7", timedelta(seconds=7)),
        ("0.5", timedelta(milliseconds=500)),
        ("0", timedelta(0)),
    ],
)
def test_durations_are_written_like_go_or_in_seconds(written: str, meant: timedelta) -> None:
    assert read_settings({"LAB_SIMULATED_DELAY": written}).simulated_delay == meant


WRONG = {
    "LAB_PROFILE": ["", "staging", "Production"],
    "LAB_HOST": ["", "two words", "-x"],
    "LAB_PUBLIC_URL": ["labs", "ftp://h", "https://", "https://u:p@h", "https://h/?a=b"],
    "LAB_AUDIT_KEY": ["", "/nowhere"],
    "LAB_AUDIT_ANCHOR": ["/", "/nowhere/notes", "ftp://h/notes", "https://"],
    "LAB_ISOLATION": ["", "Required", "yes", "bubblewrap"],
    "LAB_TLS_CERT": ["", "/nowhere", f"/{'x' * 5000}"],
    "LAB_TLS_KEY": ["", "/nowhere"],
    "LAB_TLS_NAMES": ["", "a b", "a,,b", "-"],
    "LAB_MAX_CONNECTIONS": ["", "0", "10001", "many", "1.5"],
    "LAB_HTTP_PORT": ["", "http", "-1", "65536", "80.0", "8_080", "1e3", "٣"],
    "LAB_HTTPS_PORT": ["70000"],
    "LAB_DATA_DIR": ["", "~no-such-user/x"],
    "LAB_EVENT_STORE": ["", "postgres", "kurrentdb://", "esdb://h:0", "esdb://u:p@h?Colour=red"],
    "LAB_READ_MODEL": ["", "redis", "redis://localhost", "mongo://localhost"],
    "LAB_PROVISIONER": ["", "docker", "container"],
    "LAB_SIMULATED_DELAY": ["", "soon", "-1s", "2h", "1d", "٣s"],
    "LAB_SIMULATED_FAILURE_RATE": ["", "often", "-0.1", "1.1", "nan", "inf", "5%"],
    "LAB_TEMPLATES_DIR": ["", "/does/not/exist", "~no-such-user", f"/{'x' * 5000}"],
    "LAB_RUNTIME_PYTHON": ["", "/does/not/exist", "/"],
    "LAB_POLL_INTERVAL": ["", "0", "1ms", "61m", "nan"],
    "LAB_RECONCILE_INTERVAL": ["0s", "25h"],
    "LAB_PROVISIONING_TIMEOUT": ["0", "500ms", "25h"],
    "LAB_MAX_RETRIES": ["-1", "1.5", "1001", "many"],
    "LAB_RETRY_DELAY": ["0", "x"],
    "LAB_GRACE_PERIOD": ["-1", "90m"],
    "LAB_WORK_RETENTION": ["0", "59s", "8761h", "a week"],
    "LAB_DISK_RESERVE": ["", "-1", "256M", "5%", "1048577"],
    "LAB_SHARDS": ["0", "65", "one"],
    "LAB_CONTROLLER_PARALLELISM": ["0", "10001"],
    "LAB_MAX_CONCURRENT_PROVISIONING": ["0", "no"],
    "LAB_RECONCILE_BATCH": ["0", "ten"],
    "LAB_LOG_LEVEL": ["", "loud"],
}


@pytest.mark.parametrize(
    ("variable", "value"),
    [(variable, value) for variable, values in WRONG.items() for value in values],
)
def test_a_wrong_value_is_refused_in_one_line_that_says_what_is_allowed(
    variable: str, value: str
) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        read_settings({variable: value})
    told = str(refusal.value)
    assert told.startswith(f"{variable}=")
    assert "must be " in told or "is not in this version; use " in told
    assert "\n" not in told


@pytest.mark.parametrize("field", Settings.model_fields)
@pytest.mark.parametrize("value", ["\udcff", "/a\udcff", "https://h\udcff/", "mongodb://h\udcff"])
def test_a_value_that_is_no_text_is_refused_as_such(field: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match="must be text in UTF-8") as refusal:
        read_settings({variable_of(field): value})
    assert str(refusal.value).encode()


def test_a_folder_in_a_place_that_is_no_text_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / os.fsdecode(b"\xff")
    place.mkdir()
    monkeypatch.chdir(place)
    with pytest.raises(InvalidSetting, match="LAB_DATA_DIR"):
        read_settings({"LAB_DATA_DIR": ".lab"})


def test_every_variable_has_a_wrong_value_that_is_tested() -> None:
    assert set(WRONG) == {variable_of(field) for field in Settings.model_fields}


def test_every_setting_says_in_words_what_is_allowed() -> None:
    for field in Settings.model_fields.values():
        assert [note for note in field.metadata if isinstance(note, Allowed)]


@pytest.mark.parametrize("scheme", ["kurrentdb", "esdb+discover", "postgres"])
def test_credentials_in_an_address_are_not_repeated(scheme: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        read_settings({"LAB_EVENT_STORE": f"{scheme}://admin:changeit@host:2113?Colour=red"})
    assert "changeit" not in str(refusal.value)


def test_addresses_of_stores_are_secret_and_their_passwords_are_told_to_be_concealed() -> None:
    settings = read_settings(
        {
            "LAB_EVENT_STORE": "kurrentdb://admin:change%20it@host:2113",
            "LAB_READ_MODEL": "mongodb://host:27017/labs",
        }
    )
    assert "change" not in repr(settings)
    assert list(settings.secrets()) == ["change%20it", "change it"]


def test_a_wrong_value_with_line_breaks_still_makes_one_line() -> None:
    with pytest.raises(InvalidSetting) as refusal:
        read_settings({"LAB_PROFILE": "development\nproduction" * 100})
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 200


def test_unknown_variables_are_named_with_the_nearest_known_one() -> None:
    warnings = unknown_variables({"LAB_HTTP_PROT": "1", "LAB_HTTP_PORT": "2", "LABEL": "3"})
    assert list(warnings) == [
        "LAB_HTTP_PROT is not a known variable and has no effect; did you mean LAB_HTTP_PORT?"
    ]


def test_an_unknown_variable_like_no_other_is_named_too() -> None:
    (warning,) = unknown_variables({"LAB_QQQQQQQQ": "1"})
    assert warning == "LAB_QQQQQQQQ is not a known variable and has no effect"


def test_a_link_to_a_python_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "python"
    link.symlink_to(sys.executable)
    assert read_settings({"LAB_RUNTIME_PYTHON": str(link)}).runtime_python == link


def test_the_limits_of_decisions_follow_the_settings() -> None:
    limits = read_settings(
        {"LAB_PROVISIONING_TIMEOUT": "30s", "LAB_MAX_RETRIES": "2", "LAB_RETRY_DELAY": "10m"}
    ).limits()
    assert limits.provisioning_timeout == timedelta(seconds=30)
    assert limits.retry.max_retries == 2
    assert limits.retry.base == limits.retry.cap == timedelta(minutes=10)
