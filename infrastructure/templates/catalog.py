"""The templates of this service: the shipped ones, and the user's own which override them."""

import logging
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from application.ports.templates import Template
from domain.lab_instance.duration import parse_duration
from infrastructure.templates.definition import (
    InvalidTemplate,
    TemplateDefinition,
    read_definition,
)

MOST_FILES = 500
_SHIPPED = Path(__file__).parent / "shipped"
_NO_DURATION = "1s"
_FIND_MODULES = """
import sys
from importlib.util import find_spec
for name in sys.argv[1:]:
    try:
        if find_spec(name) is not None:
            continue
    except (ImportError, ValueError):
        pass
    print(name)
"""

log = logging.getLogger(__name__)


class FileTemplateCatalog:
    """A TemplateCatalog; `definitions` holds what the provisioner needs of each template."""

    def __init__(
        self,
        definitions: Mapping[str, TemplateDefinition],
        unavailable: Mapping[str, str],
        faults: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.definitions = MappingProxyType(dict(definitions))
        found = [
            Template(
                name=name,
                title=definition.title,
                default_duration=definition.default_duration,
                maximum_duration=definition.longest,
                unavailable=unavailable.get(name, ""),
            )
            for name, definition in definitions.items()
        ]
        found += [_unusable(name, fault) for name, fault in faults.items()]
        self._templates = {one.name: one for one in sorted(found, key=lambda one: one.name)}

    def get(self, name: str) -> Template | None:
        """The template of that name, available or not."""
        return self._templates.get(name)

    def all(self) -> Sequence[Template]:
        """Every template, by name, the unavailable ones with their reason."""
        return tuple(self._templates.values())


def load_catalog(*, lab_python: Path, directory: Path | None) -> FileTemplateCatalog:
    """Read the shipped templates and then those of `directory`, which override by name.

    `lab_python` is the interpreter of the labs' environment; what a template requires is
    looked for there. A file that cannot be used is an unavailable template, and so is one
    that it would have overridden. Raises InvalidTemplate for the directory itself.
    """
    definitions, faults = _read_all(_SHIPPED)
    if directory is not None:
        if not directory.is_dir():
            raise InvalidTemplate(directory, "there is no such directory")
        own, own_faults = _read_all(directory)
        definitions, faults = definitions | own, faults | own_faults
    usable = {name: one for name, one in definitions.items() if name not in faults}
    return FileTemplateCatalog(usable, _unavailable(usable, lab_python), faults)


def _read_all(directory: Path) -> tuple[dict[str, TemplateDefinition], dict[str, str]]:
    """The templates of a directory, and the faults of files that cannot be used, by name."""
    paths = sorted(path for path in directory.iterdir() if path.suffix in {".yaml", ".yml"})
    found: dict[str, TemplateDefinition] = {}
    faults: dict[str, str] = {}
    for path in paths[:MOST_FILES]:
        try:
            definition = read_definition(path.absolute())
            if definition.name in found:
                fault = f"name: another file here defines {definition.name} too"
                raise InvalidTemplate(path, fault, name=definition.name)  # noqa: TRY301  one way out
            found[definition.name] = definition
        except InvalidTemplate as error:
            faults[error.name] = str(error)
    if len(paths) > MOST_FILES:
        over = InvalidTemplate(directory, f"only the first {MOST_FILES} files are read")
        faults.setdefault(over.name, str(over))
    for fault in faults.values():
        log.warning(fault)
    return found, faults


def _unusable(name: str, fault: str) -> Template:
    return Template(
        name=name,
        title=name,
        default_duration=_NO_DURATION,
        maximum_duration=parse_duration(_NO_DURATION),
        unavailable=fault,
    )


def _unavailable(
    definitions: Mapping[str, TemplateDefinition], lab_python: Path
) -> dict[str, str]:
    if not os.access(lab_python, os.X_OK):
        return dict.fromkeys(definitions, "the environment of the labs is not installed")
    wanted = {module for each in definitions.values() for module in each.requires.modules}
    missing = _missing_modules(lab_python, sorted(wanted))
    reasons: dict[str, str] = {}
    for name, definition in definitions.items():
        lacking = [module for module in definition.requires.modules if module in missing]
        lacking += [tool for tool in definition.requires.executables if shutil.which(tool) is None]
        if lacking:
            reasons[name] = f"the environment of the labs lacks {', '.join(lacking)}"
    return reasons


def _missing_modules(lab_python: Path, modules: Sequence[str]) -> frozenset[str]:
    try:
        answer = subprocess.run(  # noqa: S603  the interpreter is configured by the operator
            [lab_python, "-I", "-c", _FIND_MODULES, *modules],
            capture_output=True,
            check=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return frozenset(modules)
    return frozenset(answer.stdout.split())
