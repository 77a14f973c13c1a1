"""What must not stand in the tree."""

import ast
import re

from infrastructure.codec import stored_names
from tests.architecture.tree import PRODUCT, Module, modules, text_files

# Written in parts, so that this file does not contain what it looks for.
PACKAGE_INDEXES = (
    "pypi" + ".org",
    "files.python" + "hosted",
    "registry.npm" + "js",
    "--index" + "-url http",
)
PLACES_ON_ONE_MACHINE = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/")
LEFT_UNDONE = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
STORED_NAME = re.compile(r"lab-(?:instance|document)\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*")


def test_no_module_imports_a_mock() -> None:
    everything = modules(*PRODUCT, "tests", "benchmarks")
    mocking = [
        module.name
        for module in everything
        if any("mock" in name.lower() for name in module.imported())
    ]
    assert mocking == []


def test_only_one_module_asks_the_machine_for_the_time() -> None:
    asking = [
        module.name
        for module in modules(*PRODUCT)
        if re.search(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)\(", module.text)
    ]
    assert asking == ["infrastructure/system_clock.py"]


def test_the_process_is_never_copied() -> None:
    """The threads of gRPC do not come along into a copy, and its calls there never end."""
    forking = re.compile(
        r"\b(os\.fork\w*|forkpty|multiprocessing|ProcessPoolExecutor|preexec_fn)\b"
    )
    assert [module.name for module in modules(*PRODUCT) if forking.search(module.text)] == []


def test_no_address_of_a_package_index_stands_in_the_tree() -> None:
    assert _files_with(PACKAGE_INDEXES) == []


def test_no_place_on_one_machine_stands_in_the_tree() -> None:
    assert _files_with(PLACES_ON_ONE_MACHINE) == []


def test_no_file_holds_a_mark_of_work_left_undone() -> None:
    assert [name for name, text in text_files() if LEFT_UNDONE.search(text)] == []


def test_stored_names_are_written_out_and_never_made_from_class_names() -> None:
    (module,) = _stored_names()
    literals = {
        node.value
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and STORED_NAME.fullmatch(str(node.value))
    }
    ours = ("lab-instance.", "lab-document.")
    used = {name for name in _strings(vars(stored_names)) if name.startswith(ours)}
    assert used
    assert used <= literals
    assert "__name__" not in module.text


def _stored_names() -> list[Module]:
    return [m for m in modules("infrastructure") if m.name.endswith("codec/stored_names.py")]


def _files_with(forbidden: tuple[str, ...]) -> list[str]:
    return [name for name, text in text_files() if any(part in text for part in forbidden)]


def _strings(value: object) -> set[str]:
    match value:
        case str():
            return {value}
        case dict():
            return {text for item in (*value, *value.values()) for text in _strings(item)}
        case list() | tuple() | set() | frozenset():
            return {text for item in value for text in _strings(item)}
        case _:
            return set()
