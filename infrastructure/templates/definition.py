"""What a template file may say, and how a wrong one is reported."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from domain.lab_instance.duration import parse_duration
from infrastructure.templates.placeholders import checked_placeholders
from infrastructure.templates.yaml_file import UnreadableYaml, read_yaml
from infrastructure.unusable import Unusable

_NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LONGEST_NAME = 63
_LONGEST_FAULT = 1000
_FAULTS_SHOWN = 20
_SENDABLE = re.compile("/[!-~]*")
_LONGEST_PATH, _LONGEST_PART = 1024, 255


class InvalidTemplate(Unusable):
    """A template file cannot be used; reported in one line with the file and the fields. `name` is
    the template's if the file says one that can be one, else made of the file's own."""

    def __init__(self, path: Path, fault: str, *, name: Any = None) -> None:
        self.path = path
        named = isinstance(name, str) and re.fullmatch(_NAME, name) and len(name) <= _LONGEST_NAME
        plain = re.sub("[^a-z0-9]+", "-", path.stem.lower())[:_LONGEST_NAME].strip("-")
        self.name = name if named else plain or "template"
        told = f"template file {path}: {' '.join(fault.split())[:_LONGEST_FAULT]}"
        super().__init__(told.encode(errors="backslashreplace").decode())  # a path may be no text


def _checked_duration(text: str) -> str:
    parse_duration(text)
    return text


def _checked_link(text: str) -> str:
    if (
        not _SENDABLE.fullmatch(text)
        or text.count("{token}") != 1
        or (text.count("{"), text.count("}")) != (1, 1)
    ):
        raise ValueError(
            "must start with /, contain {token} once, and be of plain ASCII without spaces: "
            "write other characters as in URLs, %C3%BC"
        )
    return text


def _checked_path(text: str) -> str:
    if not _SENDABLE.fullmatch(text):
        raise ValueError(
            "must start with / and be of plain ASCII without spaces: write other characters as in "
            "URLs, %C3%BC"
        )
    return text


def _checked_title(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be of characters that can be printed, in one line")
    return text


def _checked_inside(text: str) -> str:
    path = Path(text)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("must be a path inside the directory")
    if len(text.encode()) > _LONGEST_PATH or any(
        len(part.encode()) > _LONGEST_PART for part in path.parts
    ):
        raise ValueError(
            f"must have at most {_LONGEST_PATH} bytes, {_LONGEST_PART} between two slashes"
        )
    return text


_LARGEST_MIB = 1024 * 1024
_Variable = Annotated[str, Field(pattern="^[^=\\x00]+$")]
_Duration = Annotated[str, AfterValidator(_checked_duration)]
_Text = Annotated[str, AfterValidator(checked_placeholders)]
_Inside = Annotated[str, Field(min_length=1), AfterValidator(_checked_inside)]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True
    )


class Readiness(_Part):
    """The lab is ready once `path`, asked with its token as bearer, answers `status`.

    The path must want the token, so that a stranger on the same port is never taken for it.
    A lab that was ready may be silent for `patience` before it counts as ended.
    """

    path: Annotated[str, AfterValidator(_checked_path)]
    status: Annotated[int, Field(ge=200, le=499)] = 200
    patience: _Duration | None = None

    @property
    def silence(self) -> float:
        """For how many seconds a lab that was ready may not answer."""
        return 0.0 if self.patience is None else parse_duration(self.patience).total_seconds()


class StarterFile(_Part):
    """A file beside the template file, or a directory of files, copied into a new work
    directory with its mode."""

    source: _Inside
    target: _Inside


class Resources(_Part):
    """Limits. Memory and processes are those of the lab as a whole where the machine can
    count them so; else memory is that of each process. Open files are those of each process.
    Disk and entries (files and directories) are those of the lab's directory as a whole, looked
    at again and again."""

    memory_mib: Annotated[int, Field(ge=64, le=_LARGEST_MIB)] = 4096
    processes: Annotated[int, Field(ge=16, le=100_000)] = 1024
    open_files: Annotated[int, Field(ge=64, le=1_000_000)] = 4096
    file_size_mib: Annotated[int, Field(ge=1, le=_LARGEST_MIB)] = 1024
    disk_mib: Annotated[int, Field(ge=16, le=_LARGEST_MIB)] = 2048
    disk_entries: Annotated[int, Field(ge=1000, le=10_000_000)] = 200_000
    temporary_mib: Annotated[int, Field(ge=1, le=_LARGEST_MIB)] = 512
    shared_memory_mib: Annotated[int, Field(ge=1, le=_LARGEST_MIB)] = 256


class Requirements(_Part):
    """What must exist in the labs' environment."""

    modules: tuple[str, ...] = Field(default=(), strict=False)
    executables: tuple[str, ...] = Field(default=(), strict=False)


class TemplateDefinition(_Part):
    """One template file. `access` forms the link that opens the lab."""

    name: Annotated[str, Field(pattern=f"^{_NAME}$", max_length=_LONGEST_NAME)]
    title: Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_checked_title)]
    command: Annotated[tuple[_Text, ...], Field(min_length=1, strict=False)]
    readiness: Readiness
    access: Annotated[str, AfterValidator(_checked_link)]
    environment: dict[_Variable, _Text] = {}
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
        content = read_yaml(path)
    except UnreadableYaml as error:
        raise InvalidTemplate(path, str(error)) from error
    if not isinstance(content, dict):
        raise InvalidTemplate(path, "must be a mapping of fields")
    if "directory" in content:
        raise InvalidTemplate(path, "directory: unknown field", name=content.get("name"))
    try:
        fields = {**content, "directory": path.parent.resolve()}
        definition = TemplateDefinition.model_validate(fields)
    except (ValidationError, TypeError) as error:
        faults = str(error)
        if isinstance(error, ValidationError):
            faults = "; ".join(_told(fault) for fault in error.errors()[:_FAULTS_SHOWN])
        raise InvalidTemplate(path, faults, name=content.get("name")) from error
    for file in definition.files:
        try:
            _check_source(path, definition, file)
        except OSError as error:
            fault = f"files.source: {error.strerror}: {file.source}"
            raise InvalidTemplate(path, fault, name=definition.name) from error
    return definition


def _check_source(path: Path, definition: TemplateDefinition, file: StarterFile) -> None:
    given = file.source
    source = definition.directory / given
    fault = ""
    if not source.exists():
        fault = f"files.source: there is no file {given}"
    elif not source.resolve().is_relative_to(definition.directory):
        fault = f"files.source: {given} leads out of the template's directory"
    elif not (source.is_file() or source.is_dir()):
        fault = f"files.source: {given} is no file and no directory"
    elif source.is_file() and not Path(file.target).name:
        fault = f"files.target: {file.target} names no file"
    if fault:
        raise InvalidTemplate(path, fault, name=definition.name)


def _told(fault: Mapping[str, Any]) -> str:
    place = ".".join(str(step) for step in fault["loc"])
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
