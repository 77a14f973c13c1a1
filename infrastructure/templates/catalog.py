"""The templates of this service: the shipped ones, and the user's own which override them."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from application.ports.templates import Template
from infrastructure.templates.definition import (
    InvalidTemplate,
    TemplateDefinition,
    read_definition,
)

_SHIPPED = Path(__file__).parent / "shipped"
_FIND_MODULES = (
    "import sys, importlib.util as found\n"
    "print(*(name for name in sys.argv[1:] if found.find_spec(name) is None))"
)


class FileTemplateCatalog:
    """A TemplateCatalog; `definitions` holds what the provisioner needs of each template."""

    def __init__(
        self, definitions: Mapping[str, TemplateDefinition], unavailable: Mapping[str, str]
    ) -> None:
        self.definitions = MappingProxyType(dict(definitions))
        self._templates = {
            name: Template(
                name=name,
                title=definition.title,
                default_duration=definition.default_duration,
                maximum_duration=definition.longest,
                unavailable=unavailable.get(name, ""),
            )
            for name, definition in sorted(definitions.items())
        }

    def get(self, name: str) -> Template | None:
        """The template of that name, available or not."""
        return self._templates.get(name)

    def all(self) -> Sequence[Template]:
        """Every template, by name, the unavailable ones with their reason."""
        return tuple(self._templates.values())


def load_catalog(*, lab_python: Path, directory: Path | None) -> FileTemplateCatalog:
    """Read the shipped templates and then those of `directory`, which override by name.

    `lab_python` is the interpreter of the labs' environment; what a template requires is
    looked for there. Raises InvalidTemplate for a file that cannot be used.
    """
    definitions = _read_all(_SHIPPED)
    if directory is not None:
        if not directory.is_dir():
            raise InvalidTemplate(directory, "there is no such directory")
        definitions |= _read_all(directory)
    return FileTemplateCatalog(definitions, _unavailable(definitions, lab_python))


def _read_all(directory: Path) -> dict[str, TemplateDefinition]:
    paths = sorted(path for path in directory.iterdir() if path.suffix in {".yaml", ".yml"})
    found: dict[str, TemplateDefinition] = {}
    for path in paths:
        definition = read_definition(path.absolute())
        if definition.name in found:
            raise InvalidTemplate(path, f"name: another file here defines {definition.name} too")
        found[definition.name] = definition
    return found


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
