"""What is said about the scenarios' stores is said of scenarios that exist."""

import ast
from pathlib import Path

from tests.architecture.tree import modules
from tests.scenarios.stores import ON_EMBEDDED_STORES_ONLY


def test_every_exception_from_running_on_all_stores_names_a_scenario() -> None:
    scenarios = [one for one in modules("tests") if one.name.startswith("tests/scenarios/test_")]
    functions = {
        node.name
        for module in scenarios
        for node in module.tree.body
        if isinstance(node, ast.AsyncFunctionDef)
    }
    known = functions | {Path(module.name).stem for module in scenarios}
    assert ON_EMBEDDED_STORES_ONLY.keys() - known == set()
