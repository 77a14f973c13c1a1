"""What a setting that names a place may be: its type, how it is read, and words that say so."""

import os
import shutil
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from infrastructure.setting_values import Allowed


def _absolute(value: Any) -> Path:
    """The path, made absolute. One that is no text could be written into no record and no log."""
    if not value or "\0" in str(value):
        raise ValueError(value)
    try:
        path = Path(value).expanduser().absolute()
    except RuntimeError as error:  # there is no such user, or no home
        raise ValueError(value) from error
    str(path).encode()
    return path


def _existing_folder(value: Any) -> Any:
    """A path that is a folder now."""
    path = _absolute(value)
    if not os.path.isdir(path):  # noqa: PTH112  also of a path that is too long
        raise ValueError(value)
    return path


def _existing_file(value: Any) -> Any:
    """A path that is a file now."""
    path = _absolute(value)
    if not os.path.isfile(path):  # noqa: PTH113  also of a path that is too long
        raise ValueError(value)
    return path


def _program(value: Any) -> Any:
    """A program that can be run. Not resolved: a link into an environment must stay one."""
    found = shutil.which(value)
    if found is None:
        raise ValueError(value)
    return _absolute(found)


def _data_folder(value: Any) -> Any:
    """A path; whether it can be written is found out when it is opened."""
    return _absolute(value)


DataFolder = Annotated[Path, BeforeValidator(_data_folder), Allowed("a path of a folder")]
ExistingFolder = Annotated[
    Path | None, BeforeValidator(_existing_folder), Allowed("the path of an existing folder")
]
ExistingFile = Annotated[
    Path | None, BeforeValidator(_existing_file), Allowed("the path of an existing file")
]
Program = Annotated[
    Path, BeforeValidator(_program), Allowed("the path of a program that can be run")
]
