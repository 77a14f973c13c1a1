"""How long and how wide things may be, and that each says what it is."""

import ast
import re
from collections.abc import Mapping
from statistics import median

from tests.architecture.tree import PRODUCT, Function, Module, modules

LONGEST_MODULE = 250
LONGEST_TEST_MODULE = 300  # sentences that stand beside each other; nobody reads them as one
LARGEST_MEDIAN = 80
LONGEST_BODY = 30
MOST_PARAMETERS = 6
MOST_WITHOUT_NAMES = 5
SAY_NOTHING = {"utils", "helpers", "base", "common", "manager", "misc", "util", "helper"}


def test_no_module_is_too_long() -> None:
    product = modules(*PRODUCT, "benchmarks")
    assert {m.name: m.lines for m in product if m.lines > LONGEST_MODULE} == {}
    tests = modules("tests")
    assert {m.name: m.lines for m in tests if m.lines > LONGEST_TEST_MODULE} == {}


def test_the_median_module_is_short() -> None:
    lengths = [module.lines for module in modules(*PRODUCT) if module.lines > 1]
    assert median(lengths) <= LARGEST_MEDIAN


def test_no_function_is_too_long() -> None:
    too_long = {
        f"{module.name}: {function.name}": _length(function)
        for module in modules(*PRODUCT, "benchmarks")
        for function in module.functions()
        if _length(function) > LONGEST_BODY and not _is_a_table(function)
    }
    assert too_long == {}


def test_no_function_takes_too_many_parameters() -> None:
    too_many = {
        f"{module.name}: {function.name}": _parameters(function)
        for module in modules(*PRODUCT, "benchmarks")
        for function in module.functions()
        if _parameters(function) > MOST_PARAMETERS
    }
    assert too_many == {}


def test_no_call_needs_to_remember_a_long_order() -> None:
    too_many = {
        f"{module.name}: {function.name}"
        for module in modules(*PRODUCT, "benchmarks")
        for function in module.functions()
        if _positional(function) > MOST_WITHOUT_NAMES
    }
    assert too_many == set()


def test_every_module_says_what_is_in_it() -> None:
    everything = modules(*PRODUCT, "tests", "benchmarks")
    assert [m.name for m in everything if m.text.strip() and not ast.get_docstring(m.tree)] == []


def test_every_public_class_and_function_says_what_it_promises() -> None:
    """A method that a port declares may be silent where its class names the port: the port's
    docstring is the contract."""
    ports = _ports()
    silent = [
        f"{module.name}: {node.name}"
        for module in modules(*PRODUCT)
        for owner, node in _public(module)
        if not ast.get_docstring(node) and node.name not in _promised(owner, ports)
    ]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = {part for module in modules(*PRODUCT) for part in module.name[:-3].split("/")}
    assert named & SAY_NOTHING == set()


def _length(function: Function) -> int:
    body = _body(function)
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _body(function: Function) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) else function.body


def _is_a_table(function: Function) -> bool:
    """One `match` with a line or two for each case is read like a table, not line by line."""
    body = _body(function)
    return isinstance(body[-1], ast.Match) and len(body) <= 2


def _positional(function: Function) -> int:
    given = [*function.args.posonlyargs, *function.args.args]
    return len([argument for argument in given if argument.arg not in {"self", "cls"}])


def _parameters(function: Function) -> int:
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len([argument for argument in given if argument.arg not in {"self", "cls"}])


def _public(module: Module) -> list[tuple[ast.ClassDef | None, ast.ClassDef | Function]]:
    """Each public class and function, with the class that a method is of."""
    found: list[tuple[ast.ClassDef | None, ast.ClassDef | Function]] = []
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found.append((None, node))
            found += [
                (node, part)
                for part in node.body
                if isinstance(part, Function) and not part.name.startswith("_")
            ]
        elif isinstance(node, Function) and not node.name.startswith("_"):
            found.append((None, node))
    return found


def _ports() -> Mapping[str, frozenset[str]]:
    """The methods that each Protocol of the product declares."""
    return {
        node.name: frozenset(part.name for part in node.body if isinstance(part, Function))
        for module in modules(*PRODUCT)
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(b) for b in node.bases)
    }


def _promised(owner: ast.ClassDef | None, ports: Mapping[str, frozenset[str]]) -> frozenset[str]:
    words = set(re.findall(r"\w+", (ast.get_docstring(owner) or "") if owner else ""))
    return frozenset[str]().union(*(ports[word] for word in words & ports.keys()))
