"""The files of the project and the parsed modules of the product, for the tests beside."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("domain", "application", "infrastructure", "api")
_MADE_BY_TOOLS = {".git", ".lab", "build", "dist", "__pycache__"}
_MADE_BY_TOOLS_ENDINGS = ("_cache", ".egg-info", ".hypothesis")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """A parsed Python file. `name` is its path from the root of the project."""

    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How long the file is."""
        return len(self.text.splitlines())

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def imported(self) -> Iterator[str]:
        """The full names of the modules it imports."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.module or ""


@lru_cache
def modules(*folders: str) -> Sequence[Module]:
    """The modules below these folders of the project."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return [_parsed(path) for path in paths if "__pycache__" not in path.parts]


@lru_cache
def text_files() -> Sequence[tuple[str, str]]:
    """Name and text of every file that belongs to the project, but lock files."""
    return [
        (str(path.relative_to(ROOT)), path.read_text(errors="replace"))
        for path in _files(ROOT)
        if path.suffix not in {".lock", ".pyc", ".png"}
    ]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        made = path.name in _MADE_BY_TOOLS or path.name.endswith(_MADE_BY_TOOLS_ENDINGS)
        if made or path.name.startswith(".venv") or path.is_symlink():
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path


@cache
def _parsed(path: Path) -> Module:
    text = path.read_text()
    return Module(str(path.relative_to(ROOT)), text, ast.parse(text))
