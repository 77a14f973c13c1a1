"""The address of a server: what it may say, checked without reaching anybody. No client here,
so that settings can be read without loading one."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from infrastructure.unusable import Unusable

_SCHEMES = ("kurrentdb", "kdb", "esdb")
_DISCOVER = "+discover"
_PORT = 2113
_KEEP_ALIVE = {"keepaliveinterval": "KeepAliveInterval", "keepalivetimeout": "KeepAliveTimeout"}
_KEEP_ALIVE_MILLISECONDS = 10_000
_OF_TLS = {"tlsverifycert", "tlscafile", "usercertfile", "userkeyfile"}


class UnusableEventStore(Unusable):
    """The event store that an address names cannot be used; one line, free of credentials."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"event store {address} cannot be used: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A checked address. `uri` and `password` are secret; `shown` is for people.

    `uri` always says how a frozen server is noticed: where the address is silent, a sign of
    life is asked for every ten seconds, and waited for as long. `deadline`: how many seconds a
    call may take, where the address says so.
    """

    uri: str = field(repr=False)
    shown: str
    targets: Sequence[tuple[str, int]]
    tls: bool
    deadline: float | None
    user: str | None
    password: str | None = field(repr=False)


def read_address(uri: str) -> Address:
    """What the address says. Raises UnusableEventStore at the first thing that is wrong."""
    scheme, separator, rest = uri.partition("://")
    if not separator or scheme.removesuffix(_DISCOVER) not in _SCHEMES:
        allowed = ", ".join(f"{name}://" for name in _SCHEMES)
        raise UnusableEventStore("address", f"it must begin with {allowed} or +discover://")
    where = re.split("[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    try:
        return _read(uri, shown=f"{scheme}://{where}")
    except _Wrong as wrong:
        raise UnusableEventStore(f"{scheme}://{where}", wrong.reason) from None


class _Wrong(Exception):
    def __init__(self, reason: str) -> None:
        self.reason = reason


def _read(uri: str, *, shown: str) -> Address:
    parts = urlsplit(uri)
    if parts.netloc.count("@") > 1:
        raise _Wrong("write @ as %40 in a user or a password")
    if parts.path not in {"", "/"} or parts.fragment:
        raise _Wrong("only options may follow the host, behind a question mark")
    credentials, _, hosts = parts.netloc.rpartition("@")
    targets = _read_targets(hosts, discover=parts.scheme.endswith(_DISCOVER))
    user, _, password = credentials.partition(":")
    options = _read_options(parts.query)
    tls = options.get("tls", "true") == "true"
    _check_what_needs_tls(options, user=user, password=password, tls=tls)
    silent = [name for option, name in _KEEP_ALIVE.items() if option not in options]
    added = [f"{name}={_KEEP_ALIVE_MILLISECONDS}" for name in silent]
    bare = uri.partition("?")[0]
    return Address(
        uri=f"{bare}?{'&'.join(filter(None, [parts.query, *added]))}",
        shown=shown,
        targets=targets,
        tls=tls,
        deadline=float(options["defaultdeadline"]) if "defaultdeadline" in options else None,
        user=unquote(user) or None,
        password=unquote(password) or None,
    )


def _check_what_needs_tls(
    options: Mapping[str, str], *, user: str, password: str, tls: bool
) -> None:
    """Without TLS the client drops both silently, credentials and options."""
    if tls and not (user and password):
        raise _Wrong("TLS needs a user and a password in front of the host, or else Tls=false")
    if not tls and (user or password):
        raise _Wrong("a user and a password are sent over TLS only: leave them out, or Tls=false")
    if not tls and (idle := _OF_TLS & options.keys()):
        raise _Wrong(f"option {min(idle)} has no effect with Tls=false: leave out one of them")


def _read_targets(hosts: str, *, discover: bool) -> Sequence[tuple[str, int]]:
    targets = [_read_target(host) for host in hosts.split(",")]
    if discover and len(targets) > 1:
        raise _Wrong("+discover takes one host, which knows the others")
    return targets


def _read_target(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\](?=:)|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?", text)
    if not found:
        raise _Wrong("each host is a name or an address, with a port behind a colon")
    port = int(found[2] or _PORT)
    if not 0 < port < 65536:
        raise _Wrong("a port is a number from 1 to 65535")
    return found[1].strip("[]"), port


def _read_options(query: str) -> Mapping[str, str]:
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        check = _OPTIONS.get(name.lower())
        if check is None:
            raise _Wrong(f"there is no option {name[:40]!r}")
        if name.lower() in options:
            raise _Wrong(f"option {name} stands there twice")
        options[name.lower()] = check(name, value)
    if ("usercertfile" in options) != ("userkeyfile" in options):
        raise _Wrong("UserCertFile and UserKeyFile go together")
    return options


def _yes_or_no(name: str, value: str) -> str:
    if value.lower() not in {"true", "false"}:
        raise _Wrong(f"option {name} is true or false")
    return value.lower()


def _only_verified(name: str, value: str) -> str:
    if _yes_or_no(name, value) == "false":
        raise _Wrong(
            "certificates are always verified: name the authority with TlsCaFile "
            f"instead of {name}=false"
        )
    return value


def _only_leader(name: str, value: str) -> str:
    if value.lower() != "leader":
        raise _Wrong(f"option {name} can only be leader: the service reads what it just wrote")
    return value


def _whole_number(name: str, value: str) -> str:
    if not re.fullmatch("[1-9][0-9]{0,8}", value):
        raise _Wrong(f"option {name} is a whole number above zero")
    return value


def _readable_file(name: str, value: str) -> str:
    try:
        Path(value).read_bytes()
    except OSError as error:
        raise _Wrong(f"option {name}: {value!r} cannot be read: {error.strerror}") from error
    return value


def _any_text(name: str, value: str) -> str:
    if not value:
        raise _Wrong(f"option {name} is empty")
    return value


_OPTIONS: Mapping[str, Callable[[str, str], str]] = {
    "tls": _yes_or_no,
    "tlsverifycert": _only_verified,
    "tlscafile": _readable_file,
    "usercertfile": _readable_file,
    "userkeyfile": _readable_file,
    "nodepreference": _only_leader,
    "connectionname": _any_text,
    "maxdiscoverattempts": _whole_number,
    "discoveryinterval": _whole_number,
    "gossiptimeout": _whole_number,
    "defaultdeadline": _whole_number,
    "keepaliveinterval": _whole_number,
    "keepalivetimeout": _whole_number,
}
