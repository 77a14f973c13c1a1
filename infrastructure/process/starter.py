"""Puts a template's starter files into a work directory that a student may have changed."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from application.ports.provisioner import RuntimeRefused
from infrastructure.process.accounts import NOBODYS
from infrastructure.process.plain_files import enterable, open_plain
from infrastructure.templates.definition import StarterFile, TemplateDefinition

_BELOW = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def place_starter_files(
    definition: TemplateDefinition, work: Path, account: int = NOBODYS
) -> None:
    """Copy in the files that are not there yet, with their modes, to belong to the account;
    directories as a whole, but for links in them.

    What a student has put in the place of one, or of a directory above it, stays. Raises
    RuntimeRefused for a source that is no file of the template, and OSError.
    """
    if not definition.files:
        return
    base = enterable(work)
    try:
        for file in _single(definition):
            with _source(definition.directory, file) as source:
                _place(source, Path(file.target), base, account)
    finally:
        os.close(base)


def _single(definition: TemplateDefinition) -> Iterator[StarterFile]:
    for file in definition.files:
        top = definition.directory / file.source
        if not top.is_dir():
            yield file
            continue
        for found in sorted(top.rglob("*")):
            if found.is_file() and not found.is_symlink():
                source = str(found.relative_to(definition.directory))
                target = str(Path(file.target) / found.relative_to(top))
                yield StarterFile(source=source, target=target)


def _source(directory: Path, file: StarterFile) -> BinaryIO:
    # A link may lead to another file of the template, as in a mounted ConfigMap, not elsewhere.
    path = (directory / file.source).resolve()
    opened = open_plain(path) if path.is_relative_to(directory.resolve()) else None
    if opened is None:
        raise RuntimeRefused(
            "StarterFileUnusable",
            f"the starter file {file.source!r} is no readable file of the template's directory; "
            "ask whoever keeps the templates",
            permanent=False,
        )
    return opened


def _place(source: BinaryIO, target: Path, base: int, account: int) -> None:
    above = _entered(base, target.parts[:-1], account)
    if above is None:
        return
    mode = 0o600 | stat.S_IMODE(os.fstat(source.fileno()).st_mode) & 0o777
    try:
        with suppress(FileExistsError, PermissionError):
            handle = os.open(target.name, _NEW, mode, dir_fd=above)
            try:
                _copy(source, handle, mode, account)
            except BaseException:
                os.unlink(target.name, dir_fd=above)  # half of it would pass for the student's
                raise
    finally:
        os.close(above)


def _copy(source: BinaryIO, handle: int, mode: int, account: int) -> None:
    with os.fdopen(handle, "wb") as copy:
        shutil.copyfileobj(source, copy)
        os.fchmod(handle, mode)
        if account != NOBODYS:
            os.fchown(handle, account, account)


def _entered(base: int, parts: Sequence[str], account: int) -> int | None:
    """A descriptor of the directory below `base`, made if needed; None where a student has put
    something else, or has locked it."""
    inner = os.dup(base)
    for part in parts:
        try:
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=inner)
                if account != NOBODYS:
                    os.chown(part, account, account, dir_fd=inner, follow_symlinks=False)
            deeper = os.open(part, _BELOW, dir_fd=inner)
        except (NotADirectoryError, PermissionError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                return None
            raise
        finally:
            os.close(inner)
        inner = deeper
    return inner
