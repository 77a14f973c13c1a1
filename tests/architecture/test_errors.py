"""The drawn tree of errors, in the docstring of `domain/errors.py`, is that of the classes."""

import ast
import re
from collections.abc import Iterator, Mapping

from tests.architecture.tree import PRODUCT, modules

_ENTRY = re.compile(r"(?P<indent>(?:    )+)(?P<name>[A-Z]\w+)(?: \(.+\))?")
_BUILT_IN = {"Exception", "ValueError", "RuntimeError", "LookupError", "OSError"}


def test_every_error_class_is_drawn_and_no_other() -> None:
    drawn = {name for name, _parent in _drawn()}
    assert drawn == {name for name in _parents() if not name.startswith("_")}


def test_the_drawn_tree_is_the_real_one() -> None:
    parents = _parents()
    wrong = [
        (name, parent)
        for name, parent in _drawn()
        if parent != (parents[name] if parents[name] in parents else None)
    ]
    assert wrong == []


def test_a_class_is_drawn_twice_only_as_the_parent_of_others() -> None:
    drawn = list(_drawn())
    families = {parent for _name, parent in drawn}
    names = [name for name, _parent in drawn if name not in families]
    assert len(names) == len(set(names))


def _drawn() -> Iterator[tuple[str, str | None]]:
    """Each class that is drawn, and the one above it."""
    (module,) = [each for each in modules("domain") if each.name == "domain/errors.py"]
    above: dict[int, str] = {}
    for line in (ast.get_docstring(module.tree) or "").splitlines():
        if entry := _ENTRY.fullmatch(line):
            depth = len(entry["indent"]) // 4
            above[depth] = entry["name"]
            yield entry["name"], above[depth - 1] if depth > 1 else None


def _parents() -> Mapping[str, str]:
    """The base of each exception class of the product."""
    bases = {
        node.name: [base.id for base in node.bases if isinstance(base, ast.Name)]
        for module in modules(*PRODUCT)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }

    def is_error(name: str) -> bool:
        return name in _BUILT_IN or any(is_error(base) for base in bases.get(name, ()))

    return {name: bases[name][0] for name in bases if is_error(name)}
