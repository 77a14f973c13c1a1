"""Who may know whom. The contracts themselves stand in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import PRODUCT, ROOT, modules

PURE = {
    "base64",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "itertools",
    "math",
    "operator",
    "re",
    "string",
    "struct",
    "types",
    "typing",
    "uuid",
}


def test_every_import_contract_is_kept() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_domain_imports_itself_and_what_is_pure_in_the_standard_library() -> None:
    strangers = {
        (module.name, name)
        for module in modules("domain")
        for name in module.imported()
        if name.partition(".")[0] not in PURE | {"domain"}
    }
    assert strangers == set()


def test_the_product_does_not_import_its_tests_or_benchmarks() -> None:
    strangers = {
        (module.name, name)
        for module in modules(*PRODUCT)
        for name in module.imported()
        if name.partition(".")[0] in {"tests", "benchmarks", "pytest", "hypothesis"}
    }
    assert strangers == set()


def test_the_domain_waits_for_nothing() -> None:
    waiting = [module.name for module in modules("domain") if "async " in module.text]
    assert waiting == []
