"""The certificates of the HTTPS port."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from infrastructure.tls.certificates import UnusableCertificate, server_files

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_certificate_serves_this_machines_names_and_the_host(tmp_path: Path) -> None:
    files = server_files(tmp_path, "labs.example.com", NOW)
    assert _names(files.certificate) == {"localhost", "127.0.0.1", "::1", "labs.example.com"}
    assert files.renewed


def test_certificate_files_are_for_their_owner_only(tmp_path: Path) -> None:
    server_files(tmp_path, "127.0.0.1", NOW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "tls").iterdir()}
    assert modes == dict.fromkeys(
        ["authority.crt", "authority.key", "server.crt", "server.key"], 0o600
    )


def test_a_certificate_is_kept_until_a_month_before_its_end(tmp_path: Path) -> None:
    first = server_files(tmp_path, "127.0.0.1", NOW)
    before = first.certificate.read_bytes()
    kept = server_files(tmp_path, "127.0.0.1", NOW + timedelta(days=334))
    assert not kept.renewed
    assert kept.certificate.read_bytes() == before
    assert server_files(tmp_path, "127.0.0.1", NOW + timedelta(days=336)).renewed


def test_a_renewed_certificate_is_one_that_clients_trust_already(tmp_path: Path) -> None:
    first = server_files(tmp_path, "127.0.0.1", NOW)
    later = server_files(tmp_path, "127.0.0.1", NOW + timedelta(days=336))
    assert later.authority == first.authority
    authority = x509.load_pem_x509_certificate(later.authority.encode())
    _read(later.certificate).verify_directly_issued_by(authority)


def test_a_certificate_made_while_the_clock_was_ahead_is_made_anew_under_the_same_authority(
    tmp_path: Path,
) -> None:
    first = server_files(tmp_path, "127.0.0.1", NOW)
    assert server_files(tmp_path, "127.0.0.1", NOW + timedelta(days=340)).renewed
    right = server_files(tmp_path, "127.0.0.1", NOW)
    assert right.renewed
    assert right.authority == first.authority
    assert _read(right.certificate).not_valid_before_utc <= NOW


def test_an_authority_made_while_the_clock_was_ahead_is_made_anew(tmp_path: Path) -> None:
    ahead = server_files(tmp_path, "127.0.0.1", NOW + timedelta(days=340))
    right = server_files(tmp_path, "127.0.0.1", NOW)
    assert right.renewed
    assert right.authority != ahead.authority


def test_another_host_has_another_certificate_made(tmp_path: Path) -> None:
    server_files(tmp_path, "127.0.0.1", NOW)
    moved = server_files(tmp_path, "10.1.2.3", NOW)
    assert moved.renewed
    assert "10.1.2.3" in _names(moved.certificate)


def test_a_pair_torn_by_a_crash_is_made_anew(tmp_path: Path) -> None:
    files = server_files(tmp_path, "127.0.0.1", NOW)
    torn = (tmp_path / "tls" / "authority.key").read_bytes()
    files.key.write_bytes(torn)
    assert server_files(tmp_path, "127.0.0.1", NOW).renewed


def test_a_file_that_is_no_certificate_is_refused_without_telling_it(tmp_path: Path) -> None:
    files = server_files(tmp_path, "127.0.0.1", NOW)
    files.key.write_text("secret nonsense")
    with pytest.raises(UnusableCertificate) as refusal:
        server_files(tmp_path, "127.0.0.1", NOW)
    assert "nonsense" not in str(refusal.value)


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _names(path: Path) -> set[str]:
    found = _read(path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = found.get_values_for_type(x509.IPAddress)
    return {*found.get_values_for_type(x509.DNSName), *map(str, addresses)}
