"""What is served where, and by which certificate."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from infrastructure.settings import InvalidSetting, read_settings
from infrastructure.tls.certificates import UnusableCertificate, server_files
from infrastructure.tls.own_certificate import OwnCertificate

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_plain_http_can_be_switched_off() -> None:
    assert read_settings({"LAB_HTTP_PORT": "off"}).http_port is None


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({}, "127.0.0.1"),
        ({"LAB_HOST": "::1"}, "::1"),
        ({"LAB_HOST": "localhost"}, "localhost"),
        ({"LAB_HOST": "0.0.0.0"}, "127.0.0.1"),
        ({"LAB_HOST": "labs.example.org"}, "127.0.0.1"),
        ({"LAB_HOST": "0.0.0.0", "LAB_HTTP_PORT": "8080"}, "0.0.0.0"),
    ],
)
def test_plain_http_is_served_to_others_only_where_its_port_was_named(
    variables: dict[str, str], host: str
) -> None:
    assert read_settings(variables).plain_host == host


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    (tmp_path / "a.pem").touch()
    for one, other in (("CERT", "KEY"), ("KEY", "CERT")):
        with pytest.raises(InvalidSetting, match=f"together with LAB_TLS_{other}"):
            read_settings({f"LAB_TLS_{one}": str(tmp_path / "a.pem")})
    with pytest.raises(InvalidSetting, match="LAB_TLS_CERT"):
        read_settings({"LAB_TLS_CERT": "/nowhere", "LAB_TLS_KEY": "/nowhere"})


def test_more_names_may_be_certified(tmp_path: Path) -> None:
    names = read_settings({"LAB_TLS_NAMES": "labs.example.org, 10.0.0.5"}).tls_names
    assert names == ("labs.example.org", "10.0.0.5")
    with pytest.raises(InvalidSetting, match="LAB_TLS_NAMES"):
        read_settings({"LAB_TLS_NAMES": "a b"})
    assert server_files(tmp_path, "0.0.0.0", NOW, names).renewed
    assert not server_files(tmp_path, "0.0.0.0", NOW, names).renewed
    assert server_files(tmp_path, "0.0.0.0", NOW, names[:1]).renewed is False
    assert server_files(tmp_path, "0.0.0.0", NOW, ("other.example.org",)).renewed


def test_an_own_certificate_is_used_again_when_it_is_renewed(tmp_path: Path) -> None:
    made = server_files(tmp_path, "labs.example.org", NOW)
    own = OwnCertificate(made.certificate, made.key)
    assert [own.files().renewed, own.files().renewed] == [True, False]
    text = made.certificate.read_text()
    made.certificate.unlink()
    made.certificate.write_text(text)
    assert own.files().renewed
    made.key.write_text("no key")
    with pytest.raises(UnusableCertificate, match="no certificate and its key"):
        own.files()
