"""Copies a template's starter files into a lab's work directory, and nothing out of it."""

import shutil
import stat
from pathlib import Path

from infrastructure.process.accounts import NOBODYS, give
from infrastructure.templates.definition import TemplateDefinition


def copy_starters(definition: TemplateDefinition, work: Path, account: int) -> None:
    """Copy each file that is not there yet, with its mode, and let it belong to the account.

    What a student has put in the place of one, or of a directory above it, stays. Links in
    the template's directories are not followed. May raise OSError.
    """
    for starter in definition.files:
        source, target = definition.directory / starter.source, work / starter.target
        if not source.is_dir():
            _copy(source, target, work, account)
            continue
        for found in sorted(source.rglob("*")):
            if found.is_file() and not found.is_symlink():
                _copy(found, target / found.relative_to(source), work, account)


def _copy(source: Path, target: Path, work: Path, account: int) -> None:
    if not _is_free(target, work):
        return
    for above in reversed(list(target.relative_to(work).parents)[:-1]):
        place = work / above
        if not place.exists():
            place.mkdir(mode=0o755)
            _belong(place, account)
    shutil.copyfile(source, target)
    target.chmod(stat.S_IMODE(source.stat().st_mode) & 0o777 | stat.S_IRUSR | stat.S_IWUSR)
    _belong(target, account)


def _belong(place: Path, account: int) -> None:
    if account != NOBODYS:
        give(place, account)


def _is_free(target: Path, work: Path) -> bool:
    # A link set by a student may lead anywhere, also to where only the service may write.
    for above in target.relative_to(work).parents:
        place = work / above
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            return False
    return not target.is_symlink() and not target.exists()
