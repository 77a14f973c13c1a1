"""What may stand in the address of an event store, and what is said of the rest."""

from pathlib import Path

import pytest
from kurrentdbclient.connection_spec import VALID_CONNECTION_QUERY_STRING_FIELDS

from infrastructure.kurrentdb.address import UnusableEventStore, read_address


@pytest.mark.parametrize(
    ("uri", "targets", "tls"),
    [
        ("kurrentdb://127.0.0.1:2113?Tls=false", [("127.0.0.1", 2113)], False),
        ("kdb://labs:secret@db.example.org", [("db.example.org", 2113)], True),
        ("esdb://labs:secret@a:1,b:2,c", [("a", 1), ("b", 2), ("c", 2113)], True),
        ("esdb+discover://labs:secret@cluster/?TLS=TRUE", [("cluster", 2113)], True),
        ("kurrentdb://[::1]:2113?tls=false", [("::1", 2113)], False),
    ],
)
def test_addresses_are_those_of_the_servers_own_clients(
    uri: str, targets: list[tuple[str, int]], tls: bool
) -> None:
    address = read_address(uri)

    assert (list(address.targets), address.tls) == (targets, tls)


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("", "must begin with kurrentdb://"),
        ("mongodb://127.0.0.1", "must begin with kurrentdb://"),
        ("kurrentdb:127.0.0.1", "must begin with kurrentdb://"),
        ("kurrentdb://", "each host is a name"),
        ("kurrentdb://?Tls=false", "each host is a name"),
        ("kurrentdb://a b:2113?Tls=false", "each host is a name"),
        ("kurrentdb://a:port?Tls=false", "each host is a name"),
        ("kurrentdb://[::1]?Tls=false", "each host is a name"),
        ("kurrentdb://a:99999?Tls=false", "a number from 1 to 65535"),
        ("kurrentdb://a,?Tls=false", "each host is a name"),
        ("kurrentdb+discover://a,b?Tls=false", "takes one host"),
        ("kurrentdb://a/path?Tls=false", "only options may follow the host"),
        ("kurrentdb://a?Tls=false#there", "only options may follow the host"),
        ("kurrentdb://a", "TLS needs a user and a password"),
        ("kurrentdb://labs@a", "TLS needs a user and a password"),
        ("kurrentdb://labs:secret@a?Tls=false", "are sent over TLS only"),
        ("kurrentdb://labs@a?Tls=false", "are sent over TLS only"),
        ("kurrentdb://a?Tls=false&TlsCaFile=pyproject.toml", "no effect with Tls=false"),
        ("kurrentdb://a?Tls=false&TlsVerifyCert=true", "no effect with Tls=false"),
        ("kurrentdb://labs:secr@et@a", "write @ as %40"),
        ("kurrentdb://a?Tls=maybe", "Tls is true or false"),
        ("kurrentdb://a?Tls=false&Tls=false", "stands there twice"),
        ("kurrentdb://a?Tls=false&Colour=red", "no option 'Colour'"),
        ("kurrentdb://labs:secret@a?TlsVerifyCert=false", "TlsCaFile"),
        ("kurrentdb://labs:secret@a?TlsCaFile=/there/is/none", "No such file"),
        ("kurrentdb://labs:secret@a?UserCertFile=pyproject.toml", "go together"),
        ("kurrentdb://a?Tls=false&NodePreference=follower", "can only be leader"),
        ("kurrentdb://a?Tls=false&KeepAliveInterval=-1", "a whole number above zero"),
        ("kurrentdb://a?Tls=false&KeepAliveTimeout=soon", "a whole number above zero"),
        ("kurrentdb://a?Tls=false&ConnectionName=", "is empty"),
    ],
)
def test_a_wrong_address_is_refused_in_one_line_without_the_password(uri: str, told: str) -> None:
    with pytest.raises(UnusableEventStore) as refused:
        read_address(uri)

    message = str(refused.value)
    assert told in message
    assert "secr" not in message
    assert "\n" not in message


@pytest.mark.parametrize("name", VALID_CONNECTION_QUERY_STRING_FIELDS)
def test_every_option_that_the_client_knows_is_known(name: str) -> None:
    with pytest.raises(UnusableEventStore) as refused:
        read_address(f"kurrentdb://labs:secret@a?{name}=")

    assert "there is no option" not in str(refused.value)


def test_a_checked_address_shows_no_password() -> None:
    address = read_address("esdb://labs:secret@a:1,b:2")

    assert address.shown == "esdb://a:1,b:2"
    assert "secret" not in repr(address)


def test_signs_of_life_are_asked_for_unless_the_address_says_how_often() -> None:
    silent = read_address("kurrentdb://a?Tls=false").uri
    spoken = read_address("kurrentdb://a?keepAliveInterval=500&Tls=false").uri

    assert silent == "kurrentdb://a?Tls=false&KeepAliveInterval=10000&KeepAliveTimeout=10000"
    assert spoken == "kurrentdb://a?keepAliveInterval=500&Tls=false&KeepAliveTimeout=10000"


def test_files_of_certificates_are_found_before_the_start(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("a certificate")

    assert read_address(f"kurrentdb://labs:secret@a?TlsCaFile={authority}").tls
