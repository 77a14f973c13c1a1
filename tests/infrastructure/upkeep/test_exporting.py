"""Bundles for strangers, and the program that verifies them without ours."""

import ast
import asyncio
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from application.ports.event_store import EMPTY
from domain.lab_instance.key import LabKey
from infrastructure.auditing import verify_bundle
from infrastructure.notary.audit_key import audit_key
from infrastructure.sqlite.audit import BrokenLog
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.unusable import Unusable
from infrastructure.upkeep import exporting
from infrastructure.upkeep.exporting import export
from infrastructure.upkeep.selection import Selection, selection_by
from tests.contracts.given import NOON, RESTARTED, SettableClock, created, new
from tests.infrastructure.upkeep.vouched_log import VouchedLog, make_log

ANN = Selection(lab=LabKey("class-a", "ann"))
ALL = Selection(namespace="class-a")
LATER = Selection(since=datetime(2026, 3, 1, 12, 0, 28, tzinfo=UTC))
SCRIPT = Path(verify_bundle.__file__)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> VouchedLog:
    return asyncio.run(make_log(tmp_path_factory.mktemp("made")))


@pytest.fixture
def log(made: VouchedLog, tmp_path: Path) -> VouchedLog:
    return made.copied(tmp_path)


def exported(log: VouchedLog, selection: Selection) -> bytes:
    target = log.folder.parent / "bundle"
    export(log.file, selection, audit_key(log.folder, None), target, now=NOON)
    return target.read_bytes()


@pytest.mark.parametrize(
    ("selection", "events"),
    [
        (ANN, 5),
        (ALL, 34),
        (LATER, 7),
        (Selection(lab=LabKey("class-a", "nobody")), 0),
        (Selection(lab=LabKey("a", "first")), 0),
        (Selection(namespace="class-b"), 0),
        (Selection(since=datetime(2020, 1, 1, tzinfo=UTC)), 34),
        (Selection(since=datetime(2030, 1, 1, tzinfo=UTC)), 0),
    ],
)
def test_a_bundle_proves_all_that_was_asked_for(
    log: VouchedLog, selection: Selection, events: int
) -> None:
    bundle = exported(log, selection)
    assert bundle.count(b'{"kind":"event"') == events
    assert verify_bundle.verify(bundle)[0] == []


async def test_a_bundle_of_a_longer_log_is_proved(log: VouchedLog) -> None:
    database = SqliteDatabase.open(log.file, clock=SettableClock())
    store = SqliteEventStore(database)
    long = [new(created("long")), *[new(RESTARTED) for _ in range(700)]]
    await store.append("labinstance-class-b/long", long, expected=EMPTY)
    await store.append("labinstance-class-b/more", [new(created("more"))], expected=EMPTY)
    await database.close()
    bundle = exported(log, Selection(lab=LabKey("class-b", "long")))
    assert bundle.count(b'{"kind":"event"') == 701
    assert verify_bundle.verify(bundle)[0] == []


@pytest.mark.parametrize("selection", [ANN, LATER], ids=["lab", "since"])
def test_each_changed_byte_is_found_in_its_line(log: VouchedLog, selection: Selection) -> None:
    bundle = exported(log, selection)
    for place in range(0, len(bundle), 41):
        changed = bytearray(bundle)
        changed[place] ^= 1
        line = bundle[:place].count(b"\n") + 1
        found, _ = verify_bundle.verify(bytes(changed))
        assert any(one.startswith(f"line {line}: ") for one in found), (place, found)


@pytest.mark.parametrize("selection", [ANN, ALL, LATER], ids=["lab", "namespace", "since"])
def test_a_bundle_without_one_of_its_lines_is_found(log: VouchedLog, selection: Selection) -> None:
    lines = exported(log, selection).splitlines(keepends=True)
    for number in range(len(lines)):
        rest = [*lines[:number], *lines[number + 1 :]]
        assert verify_bundle.verify(b"".join(rest))[0]
        cut = resealed(rest[:-1]) if number < len(lines) - 1 else b"".join(rest)
        assert verify_bundle.verify(cut)[0], number


def resealed(lines: list[bytes]) -> bytes:
    """With sums and an end that fit."""
    target, total = io.BytesIO(), ""
    for line in [*map(json.loads, lines), {"kind": "end", "lines": len(lines)}]:
        line.pop("sum", None)
        total = exporting._put(target, line, total)
    return target.getvalue()


@pytest.mark.parametrize("size", [0, 1, 100, 5000, -1, -100])
def test_a_cut_bundle_is_told(log: VouchedLog, size: int) -> None:
    found, _ = verify_bundle.verify(exported(log, ALL)[:size])
    assert any("the bundle is cut: it has no end" in one for one in found)


def test_a_bundle_by_another_key_is_refused(log: VouchedLog) -> None:
    mine = str(audit_key(log.folder, None).verifier("another"))
    [found] = verify_bundle.verify(exported(log, ANN), mine)[0]
    assert found == "line 1: the checkpoint is not signed by this key in the name of this log"


def test_a_bundle_that_asks_for_another_lab_proves_nothing(log: VouchedLog) -> None:
    lines = exported(log, ANN).splitlines(keepends=True)
    lines[0] = lines[0].replace(b"class-a/ann", b"class-a/bob")
    found, _ = verify_bundle.verify(resealed(lines[:-1]))
    assert found == [
        "nothing proves that these are all streams that were asked for",
        "stream 'labinstance-class-a/ann' was not asked for",
    ]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 7",
        "DELETE FROM events WHERE position > 30",
    ],
)
def test_a_log_that_is_not_what_was_signed_is_not_exported(log: VouchedLog, change: str) -> None:
    log.change(change, cover=True)
    with pytest.raises(BrokenLog, match="see labctl audit verify"):
        exported(log, ANN)
    assert not [*log.folder.parent.glob("bundle*")]


def test_a_checkpoint_with_heads_holds_when_the_log_is_looked_through(log: VouchedLog) -> None:
    target = log.folder.parent / "bundle"
    done = export(log.file, ANN, audit_key(log.folder, None), target, now=NOON)
    with (log.folder / "checkpoints.notes").open("a") as notes:
        notes.write(done.note + "\n")
    assert log.found() == ""
    assert "heads 8 " in done.note


@pytest.mark.parametrize(
    ("lab", "namespace", "since", "told"),
    [
        ("", "", "", "say one of"),
        ("a/b", "a", "", "say one of"),
        ("ann", "", "", "must be NAMESPACE/NAME"),
        ("", "", "yesterday", "a time with its zone"),
        ("", "", "2026-01-01T00:00:00", "a time with its zone"),
    ],
)
def test_a_selection_that_is_none_is_told(lab: str, namespace: str, since: str, told: str) -> None:
    with pytest.raises(Unusable, match=told):
        selection_by(lab=lab, namespace=namespace, since=since)


def test_the_program_runs_alone_and_says_what_it_proves(log: VouchedLog, tmp_path: Path) -> None:
    exported(log, ANN)
    key = str(audit_key(log.folder, None).verifier(log.look().origin))
    command = [sys.executable, "-I", str(SCRIPT), str(tmp_path / "bundle"), key]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("all of it is what was signed, and nothing is left out:\nlab.")


def test_the_program_imports_nothing_of_ours() -> None:
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name) or ""
        for node in ast.walk(ast.parse(SCRIPT.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    strangers = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert strangers == {"cryptography"}
