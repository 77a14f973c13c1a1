"""What can be configured: one model, read from environment variables and nothing else.

The kinds of value and their wording stand in `setting_values`.
"""

import difflib
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from domain.lab_instance.policy import Limits
from domain.lab_instance.retry import RetryPolicy
from infrastructure.path_values import DataFolder, ExistingFile, ExistingFolder, Program
from infrastructure.setting_places import AnchorPlace
from infrastructure.setting_values import (
    SQLITE,
    Allowed,
    Count,
    Deadline,
    EventStoreAddress,
    Fraction,
    Host,
    HostNames,
    Interval,
    Mebibytes,
    NotInThisVersion,
    PlainPort,
    Port,
    PublicUrl,
    ReadModelAddress,
    ReadsLogLevel,
    ReadsProvisioner,
    Retention,
    Retries,
    Shards,
    Wait,
    WrongAddress,
    is_loopback,
)
from infrastructure.unusable import Unusable

_PREFIX = "LAB_"
_PROJECT = Path(__file__).resolve().parent.parent
_PROFILES: Mapping[str, Mapping[str, str]] = {
    "development": {"poll_interval": "1s", "reconcile_interval": "5s"},
    "production": {"poll_interval": "5s", "reconcile_interval": "30s"},
}
_LONGEST_RETRY_DELAY = timedelta(minutes=5)
_SHOWN = 80
_STABLE_AFTER = timedelta(minutes=10)

Profile = Annotated[Literal["development", "production"], Allowed("development or production")]
ProvisionerKind = Annotated[
    Literal["process", "simulated"], ReadsProvisioner, Allowed("process or simulated")
]
IsolationDemand = Annotated[
    Literal["required", "preferred", "none"], Allowed("required, preferred or none")
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    ReadsLogLevel,
    Allowed("debug, info, warning or error"),
]


class InvalidSetting(Unusable):
    """A variable has a value that cannot be used; the text is one line, free of secrets."""

    def __init__(self, variable: str, value: str, allowed: str) -> None:
        self.variable = variable
        super().__init__(f"{variable}={_without_credentials(value)!r}: {allowed}")


class Settings(BaseModel):
    """Every setting, checked. The variable of a field is `LAB_` and its name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    profile: Profile = "development"
    host: Host = "127.0.0.1"
    http_port: PlainPort = 8080
    https_port: Port = 8443
    tls_cert: ExistingFile = None
    tls_key: ExistingFile = None
    tls_names: HostNames = ()
    max_connections: Count = 2000
    data_dir: DataFolder
    event_store: EventStoreAddress = SQLITE
    read_model: ReadModelAddress = SQLITE
    audit_key: ExistingFile = None
    audit_anchor: AnchorPlace = ""
    public_url: PublicUrl = ""
    provisioner: ProvisionerKind = "process"
    isolation: IsolationDemand
    simulated_delay: Wait = timedelta(seconds=1)
    simulated_failure_rate: Fraction = 0.0
    templates_dir: ExistingFolder = None
    runtime_python: Program
    poll_interval: Interval
    reconcile_interval: Interval
    provisioning_timeout: Deadline = timedelta(minutes=2)
    max_retries: Retries = 5
    retry_delay: Interval = timedelta(seconds=1)
    grace_period: Wait = timedelta(seconds=10)
    work_retention: Retention = timedelta(hours=168)
    disk_reserve: Mebibytes = 256
    shards: Shards = 1
    controller_parallelism: Count = 16
    max_concurrent_provisioning: Count = 8
    reconcile_batch: Count = 200
    log_level: LogLevel = "info"

    @property
    def plain_host(self) -> str:
        """Where plain HTTP is served: to others only when somebody has named its port, as tokens
        travel readable there."""
        named = "http_port" in self.model_fields_set
        return self.host if named or is_loopback(self.host) else "127.0.0.1"

    def secrets(self) -> Sequence[str]:
        """The passwords in the addresses of stores: what no log may show."""
        addresses = (self.event_store, self.read_model)
        found = [urlsplit(address).password for address in addresses if address != SQLITE]
        return [form for secret in found if secret for form in (secret, unquote(secret))]

    def limits(self) -> Limits:
        """The part of the settings that the domain's decisions depend on."""
        return Limits(
            provisioning_timeout=self.provisioning_timeout,
            retry=RetryPolicy(
                max_retries=self.max_retries,
                base=self.retry_delay,
                cap=max(self.retry_delay, _LONGEST_RETRY_DELAY),
                stable_after=_STABLE_AFTER,
            ),
        )


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings that the environment asks for; what it does not name has its default.

    Raises InvalidSetting at the first variable whose value cannot be used.
    """
    named = {
        field: environ[variable_of(field)]
        for field in Settings.model_fields
        if variable_of(field) in environ
    }
    for field, value in named.items():
        if not _is_text(value):
            raise InvalidSetting(variable_of(field), value, "must be text in UTF-8")
    profile = _PROFILES.get(named.get("profile", "development"), {})
    for one, other in (("tls_cert", "tls_key"), ("tls_key", "tls_cert")):
        if one in named and other not in named:
            rule = f"must be set together with {variable_of(other)}"
            raise InvalidSetting(variable_of(one), named[one], rule)
    try:
        return Settings.model_validate(
            _machine_defaults() | dict(profile) | {"isolation": _isolation_by(named)} | named
        )
    except ValidationError as error:
        raise _refusal(error.errors()[0]) from None


def unknown_variables(environ: Mapping[str, str]) -> Sequence[str]:
    """One line for each `LAB_` variable that means nothing, with the nearest one that does."""
    known = [variable_of(field) for field in Settings.model_fields]
    unknown = sorted(name for name in environ if name.startswith(_PREFIX) and name not in known)
    return [_hint(name, difflib.get_close_matches(name, known, n=1)) for name in unknown]


def variable_of(field: str) -> str:
    """The environment variable of a field of Settings."""
    return _PREFIX + field.upper()


def _is_text(value: str) -> bool:
    """Whether it can be written down: bytes of another encoding come as halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _machine_defaults() -> dict[str, str]:
    labs_python = _PROJECT / ".venv-labs" / "bin" / "python"
    return {
        "data_dir": ".lab",
        "runtime_python": str(labs_python) if os.access(labs_python, os.X_OK) else sys.executable,
    }


def _isolation_by(named: Mapping[str, str]) -> str:
    """Confinement is demanded as soon as others than this machine's users can come in."""
    reachable = not is_loopback(named.get("host", "127.0.0.1")) or bool(named.get("public_url"))
    return "required" if reachable or named.get("profile") == "production" else "preferred"


def _refusal(error: ErrorDetails) -> InvalidSetting:
    field = str(error["loc"][0])
    reason: Any = error.get("ctx", {}).get("error")
    if isinstance(reason, NotInThisVersion):
        return InvalidSetting(variable_of(field), str(error["input"]), str(reason))
    words = next(
        note.words for note in Settings.model_fields[field].metadata if isinstance(note, Allowed)
    )
    found = f"{reason}; " if isinstance(reason, WrongAddress) else ""
    return InvalidSetting(variable_of(field), str(error["input"]), f"{found}must be {words}")


def _without_credentials(value: str) -> str:
    scheme, separator, _ = value.partition("://")
    return f"{scheme}://..." if separator else value[:_SHOWN]


def _hint(name: str, nearest: Sequence[str]) -> str:
    meant = f"; did you mean {nearest[0]}?" if nearest else ""
    return f"{name} is not a known variable and has no effect{meant}"
