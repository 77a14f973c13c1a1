"""What a template file may say, and how it is told when it is wrong."""

import string
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from domain.lab_instance.duration import parse_duration
from infrastructure.unusable import Unusable

PLACEHOLDERS = frozenset({"python", "port", "workdir", "token_file", "directory"})
"""What `command` and `environment` may hold: the labs' interpreter, the port to serve at, the
lab's own directory, the file with its secret token, the directory of the template file."""


class InvalidTemplate(Unusable):
    """A template file cannot be used; told in one line with the file and the fields."""

    def __init__(self, path: Path, fault: str) -> None:
        self.path = path
        super().__init__(f"template file {path}: {' '.join(fault.split())}")


def _checked_duration(text: str) -> str:
    parse_duration(text)
    return text


def _checked_placeholders(text: str) -> str:
    found = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    unknown = found - PLACEHOLDERS
    if unknown:
        known = ", ".join(sorted(PLACEHOLDERS))
        raise ValueError(f"unknown placeholder {{{min(unknown)}}}; there are {known}")
    return text


def _checked_link(text: str) -> str:
    if not text.startswith("/") or text.count("{token}") != 1 or text.count("{") != 1:
        raise ValueError("must start with / and contain {token} once")
    return text


def _checked_inside(text: str) -> str:
    if Path(text).is_absolute() or ".." in Path(text).parts:
        raise ValueError("must be a path inside the directory")
    return text


_Duration = Annotated[str, AfterValidator(_checked_duration)]
_Text = Annotated[str, AfterValidator(_checked_placeholders)]
_Inside = Annotated[str, Field(min_length=1), AfterValidator(_checked_inside)]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True
    )


class Readiness(_Part):
    """The lab is ready once `path`, asked with its token as bearer, answers `status`.

    The path must want the token, so that a stranger on the same port is never taken for it.
    """

    path: Annotated[str, Field(pattern="^/")]
    status: Annotated[int, Field(ge=200, le=499)] = 200


class StarterFile(_Part):
    """A file beside the template file, copied into a new work directory."""

    source: _Inside
    target: _Inside


class Resources(_Part):
    """Limits of each process of the lab."""

    memory_mib: Annotated[int, Field(ge=64)] = 4096
    open_files: Annotated[int, Field(ge=64)] = 4096
    file_size_mib: Annotated[int, Field(ge=1)] = 1024


class Requirements(_Part):
    """What must exist in the labs' environment."""

    modules: tuple[str, ...] = Field(default=(), strict=False)
    executables: tuple[str, ...] = Field(default=(), strict=False)


class TemplateDefinition(_Part):
    """One template file. `access` forms the link that opens the lab."""

    name: Annotated[str, Field(pattern="^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
    title: Annotated[str, Field(min_length=1)]
    command: Annotated[tuple[_Text, ...], Field(min_length=1, strict=False)]
    readiness: Readiness
    access: Annotated[str, AfterValidator(_checked_link)]
    environment: dict[str, _Text] = {}
    files: tuple[StarterFile, ...] = Field(default=(), strict=False)
    default_duration: _Duration
    maximum_duration: _Duration
    resources: Resources = Resources()
    requires: Requirements = Requirements()
    directory: Path = Field(exclude=True, strict=False)

    @model_validator(mode="after")
    def _default_within_maximum(self) -> "TemplateDefinition":
        if parse_duration(self.default_duration) > self.longest:
            raise ValueError("defaultDuration: must not be longer than maximumDuration")
        return self

    @property
    def longest(self) -> timedelta:
        """The maximum duration as a length of time."""
        return parse_duration(self.maximum_duration)


def read_definition(path: Path) -> TemplateDefinition:
    """The template in that file. Raises InvalidTemplate, which names every faulty field."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidTemplate(path, f"cannot be read as YAML: {error}") from error
    if not isinstance(content, dict):
        raise InvalidTemplate(path, "must be a mapping of fields")
    if "directory" in content:
        raise InvalidTemplate(path, "directory: unknown field")
    try:
        definition = TemplateDefinition.model_validate({**content, "directory": path.parent})
    except ValidationError as error:
        faults = "; ".join(_told(fault) for fault in error.errors())
        raise InvalidTemplate(path, faults) from error
    for file in definition.files:
        if not (path.parent / file.source).is_file():
            raise InvalidTemplate(path, f"files.source: there is no file {file.source}")
    return definition


def _told(fault: Mapping[str, Any]) -> str:
    place = ".".join(str(step) for step in fault["loc"])
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
