"""What every test owes its reader: a place of its own, a name with a subject, a way to fail."""

import ast
from collections.abc import Iterator, Sequence

from tests.architecture.tree import ROOT, Function, Module, modules

SAYS_NO_SUBJECT = {
    *("everybody", "everything", "it", "nobody", "nothing", "one", "others", "that", "these"),
    *("they", "this", "those", "what", "whatever", "who", "whoever"),
}
FAILS = {"fail", "raises", "warns", "timeout", "wait_for"}  # of pytest, and bounds of waits
SWALLOWED = {"AssertionError", "BaseException", "Exception"}
TELLS_ELSEWHERE = {  # what they catch becomes a failing row, try or attempt
    "tests/clients/programs/telling.py",
    "tests/faults/test_turned_bits.py",
    "tests/fuzzing/parsed.py",
    "tests/hostile/templates/tries.py",
}
TESTED_ELSEWHERE = {
    "api/command_line": "scenarios",  # commands are what a person starts: whole processes
    "application/ports": "contracts",
    "infrastructure/memory": "contracts",
}


def test_every_room_has_its_tests_in_the_room_of_its_name_or_in_a_named_one() -> None:
    rooms = [
        f"{layer}/{room.parent.name}"
        for layer in ("application", "infrastructure", "api")
        for room in (ROOT / layer).glob("*/__init__.py")
    ]
    places = {room: ROOT / "tests" / TESTED_ELSEWHERE.get(room, room) for room in rooms}
    assert TESTED_ELSEWHERE.keys() <= places.keys()
    assert [room for room, place in places.items() if not [*place.glob("test_*.py")]] == []


def test_every_test_has_a_subject_in_its_name() -> None:
    nameless = [
        name for name, test in _tests() if test.name.split("_")[1].lower() in SAYS_NO_SUBJECT
    ]
    assert nameless == []


def test_every_test_can_fail() -> None:
    assertive = _assertive(modules("tests"))
    harmless = [
        name for name, test in _tests() if not _asserts(test) and not assertive & _called(test)
    ]
    assert harmless == []


def test_no_test_asserts_a_constant_or_swallows_what_it_asserts() -> None:
    vain = [
        f"{module.name}:{line}"
        for module in modules("tests")
        if module.name not in TELLS_ELSEWHERE
        for line in _vain_lines(module)
    ]
    assert vain == []


def test_an_assertion_in_a_helper_counts_and_a_constant_does_not() -> None:
    text = "def seen(): assert x\ndef deep(): seen()\ndef test_a(): assert 1\ndef test_b(): deep()"
    module = Module("tests/test_made_up.py", text, ast.parse(text))
    assert _assertive([module]) == {"seen", "deep", "test_b"}
    assert _vain_lines(module) == [3]


def _tests() -> Iterator[tuple[str, Function]]:
    """Every test, by a name that says where it stands."""
    for module in modules("tests"):
        for function in module.functions():
            if function.name.startswith("test_"):
                yield f"{module.name}: {function.name}", function


def _assertive(everything: Sequence[Module]) -> set[str]:
    """The names of functions that can fail a test, by themselves or by those they call. Where
    several go by one name, all must."""
    named: dict[str, list[Function]] = {}
    for module in everything:
        for function in module.functions():
            named.setdefault(function.name, []).append(function)
    found = {name for name, those in named.items() if all(map(_raises, those))}
    while more := {
        name
        for name, those in named.items()
        if name not in found and all(_raises(each) or found & _called(each) for each in those)
    }:
        found |= more
    return found


def _asserts(function: Function) -> bool:
    return bool(FAILS & _called(function)) or any(
        isinstance(node, ast.Assert) and not _is_vain(node) for node in ast.walk(function)
    )


def _raises(function: Function) -> bool:
    return _asserts(function) or any(isinstance(node, ast.Raise) for node in ast.walk(function))


def _called(function: Function) -> set[str]:
    """The last part of the name of everything that is called in it."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {call.id for call in calls if isinstance(call, ast.Name)} | {
        call.attr for call in calls if isinstance(call, ast.Attribute)
    }


def _vain_lines(module: Module) -> list[int]:
    statements = (ast.Assert, ast.ExceptHandler)
    nodes = [node for node in ast.walk(module.tree) if isinstance(node, statements)]
    return [node.lineno for node in nodes if _is_vain(node)]


def _is_vain(node: ast.AST) -> bool:
    """Whether it is an assertion that always ends the same, or takes one's failure away."""
    match node:
        case ast.Assert(test=ast.Constant() | ast.Tuple()):
            return True
        case ast.ExceptHandler(type=ast.Name(id=name)):
            return name in SWALLOWED and not any(isinstance(n, ast.Raise) for n in ast.walk(node))
        case _:
            return False
