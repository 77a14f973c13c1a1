"""The kinds of value a setting can have, each with the words that say what is allowed.

The settings themselves, their names and defaults stand in `settings`.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from domain.lab_instance.duration import InvalidDuration, parse_duration
from infrastructure.kurrentdb.address import UnusableEventStore, read_address

SQLITE = "sqlite"
"""What names the embedded stores."""

_NAMED_HOST = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*"
)
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_MOST_NAMES = 64
_ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a person may write, in words that complete "must be ..."."""

    words: str


class WrongAddress(ValueError):
    """The value names a server in a way that cannot work; the text says why, without secrets."""


class NotInThisVersion(ValueError):
    """The value is a known one whose technology this version does not contain."""

    def __init__(self, technology: str, instead: str) -> None:
        super().__init__(f"{technology} is not in this version; use {instead}")


def _duration(value: Any) -> Any:
    """Go's notation or plain seconds; unlike a lab's duration it may be shorter than 1s."""
    if not isinstance(value, str):
        return value
    text = f"{value}s" if _SECONDS.fullmatch(value) else value
    try:
        # The domain's rule begins at one second, so one second is lent and taken back.
        return parse_duration(f"1s{text or 'none'}") - _ONE_SECOND
    except InvalidDuration:
        raise ValueError(value) from None


def _whole_number(value: Any) -> Any:
    """Digits only: no sign, no fraction, no underscores."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError(value)
    return value


def _plain_port(value: Any) -> Any:
    """A port, or the word that switches plain HTTP off."""
    return None if value == "off" else _whole_number(value)


def _host_names(value: Any) -> Any:
    """Names and addresses with commas between them."""
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else value
    if len(names) > _MOST_NAMES or not all(map(_NAMED_HOST.fullmatch, names)):
        raise ValueError(value)
    return tuple(names)


def _host(value: Any) -> Any:
    """A name or an address to listen on."""
    if not _NAMED_HOST.fullmatch(value):
        raise ValueError(value)
    return value


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there. Names other than localhost may lead
    anywhere."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _public_url(value: Any) -> Any:
    """An address of a web server, without credentials, query or fragment; or nothing."""
    if not value:
        return value
    parts = urlsplit(value)
    named = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    if not named or parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(value)
    return value


def _event_store(value: Any) -> Any:
    """`sqlite`, or the address of a KurrentDB or EventStoreDB."""
    if value != SQLITE and "://" not in value:
        raise ValueError(value)
    if value != SQLITE:
        try:
            read_address(value)
        except UnusableEventStore as error:
            raise WrongAddress(error.reason) from None
    return value


def _read_model(value: Any) -> Any:
    """`sqlite`, or the address of a MongoDB; more is found out when it is opened."""
    if value != SQLITE and not value.startswith(("mongodb://", "mongodb+srv://")):
        raise ValueError(value)
    return value


def _provisioner(value: Any) -> Any:
    """`process` or `simulated`; containers are recognised and refused."""
    if value == "container":
        raise NotInThisVersion("the container provisioner", "process or simulated")
    return value


def _lower_case(value: Any) -> Any:
    """Log levels are written in capitals as often as not."""
    return str(value).lower()


ReadsDuration = BeforeValidator(_duration)
ReadsWholeNumber = BeforeValidator(_whole_number)
ReadsProvisioner = BeforeValidator(_provisioner)
ReadsLogLevel = BeforeValidator(_lower_case)

EventStoreAddress = Annotated[
    str,
    BeforeValidator(_event_store),
    Field(repr=False),
    Allowed("sqlite, or an address such as kurrentdb://host:2113?Tls=false"),
]
ReadModelAddress = Annotated[
    str,
    BeforeValidator(_read_model),
    Field(repr=False),
    Allowed("sqlite, or an address such as mongodb://host:27017/labs"),
]
Port = Annotated[
    int, ReadsWholeNumber, Field(ge=0, le=65535), Allowed("a port from 1 to 65535, or 0 for any")
]
PlainPort = Annotated[
    Annotated[int, Field(ge=0, le=65535)] | None,
    BeforeValidator(_plain_port),
    Allowed("a port from 1 to 65535, 0 for any, or off"),
]
HostNames = Annotated[
    tuple[str, ...],
    BeforeValidator(_host_names),
    Allowed("host names or IP addresses with commas between them"),
]
Host = Annotated[str, BeforeValidator(_host), Allowed("a host name or an IP address")]
PublicUrl = Annotated[
    str,
    BeforeValidator(_public_url),
    Allowed("an address such as https://labs.example.org, without credentials or a query"),
]
Count = Annotated[
    int, ReadsWholeNumber, Field(ge=1, le=10_000), Allowed("a whole number from 1 to 10000")
]
Mebibytes = Annotated[
    int,
    ReadsWholeNumber,
    Field(ge=0, le=1_048_576),
    Allowed("a whole number of MiB from 0 to 1048576"),
]
Shards = Annotated[
    int, ReadsWholeNumber, Field(ge=1, le=64), Allowed("a whole number from 1 to 64")
]
Retries = Annotated[
    int, ReadsWholeNumber, Field(ge=0, le=1000), Allowed("a whole number from 0 to 1000")
]
Fraction = Annotated[float, Field(ge=0, le=1), Allowed("a number from 0 to 1")]
Interval = Annotated[
    timedelta,
    ReadsDuration,
    Field(ge=timedelta(milliseconds=10), le=timedelta(hours=1)),
    Allowed("a duration from 10ms to 1h, such as 5s, or seconds"),
]
Wait = Annotated[
    timedelta,
    ReadsDuration,
    Field(ge=timedelta(0), le=timedelta(hours=1)),
    Allowed("a duration from 0s to 1h, such as 30s, or seconds"),
]
Deadline = Annotated[
    timedelta,
    ReadsDuration,
    Field(ge=timedelta(seconds=1), le=timedelta(hours=24)),
    Allowed("a duration from 1s to 24h, such as 2m, or seconds"),
]
_KEPT = Field(ge=timedelta(minutes=1), le=timedelta(days=365))
_KEPT_WORDS = Allowed("a duration from 1m to 8760h, such as 168h, or seconds")
Retention = Annotated[timedelta, ReadsDuration, _KEPT, _KEPT_WORDS]
