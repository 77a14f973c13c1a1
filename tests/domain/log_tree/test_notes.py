"""Checkpoints as text, and signed notes in C2SP's form."""

from datetime import UTC, datetime

import pytest

from domain.log_tree.checkpoint import LogCheckpoint, NoCheckpoint, origin_by, read_checkpoint
from domain.log_tree.note import (
    NoNote,
    VerifierKey,
    read_note,
    read_verifier_key,
    signed_note,
)

_POLISH = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
"""The key of the example in C2SP's document of signed notes."""

_AT = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
_CHECKPOINT = LogCheckpoint(
    origin=origin_by(bytes(32)),
    size=300,
    root=bytes(range(32)),
    position=301,
    at=_AT,
    found=True,
    heads=(2, bytes(32)),
)


def test_a_checkpoint_is_written_in_lines_and_read_back() -> None:
    assert _CHECKPOINT.text.split("\n")[:6] == [
        "lab.neuroglia.com/log/" + "0" * 32,
        "300",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "position 301",
        "at 2026-03-01T12:00:00.250000Z",
        "as found",
    ]
    assert read_checkpoint(_CHECKPOINT.text) == _CHECKPOINT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("300\n", "0300\n"),
        ("300\n", "-300\n"),
        ("300\n", "0\n"),
        ("AAEC", "AAEC\u00e4"),
        ("AAECAwQF", ""),
        ("as found", "as lost"),
        ("position 301\n", ""),
        ("12:00:00.250000Z", "13:00:00.250000+01:00"),
    ],
)
def test_text_that_is_written_otherwise_is_no_checkpoint(old: str, new: str) -> None:
    with pytest.raises(NoCheckpoint):
        read_checkpoint(_CHECKPOINT.text.replace(old, new, 1))


def test_a_known_verifier_key_is_read_and_written() -> None:
    key = read_verifier_key(_POLISH)
    assert (key.name, key.hash.hex(), str(key)) == ("PeterNeumann", "c74f20a3", _POLISH)


@pytest.mark.parametrize(
    "written", ["", "a", "a+b", _POLISH.replace("c74f", "c74e"), _POLISH[:-4]]
)
def test_other_text_is_no_verifier_key(written: str) -> None:
    with pytest.raises(NoNote):
        read_verifier_key(written)


def test_a_note_is_written_and_read_with_its_signature() -> None:
    key = VerifierKey("log", bytes(32))
    note = signed_note("a text\n\nin parts\n", key, bytes(64))
    again = read_note(str(note))
    assert again == note
    assert again.signature_by(key) == bytes(64)
    assert again.signature_by(VerifierKey("log", bytes(31) + b"1")) is None
    assert again.signature_by(VerifierKey("other", bytes(32))) is None


@pytest.mark.parametrize(
    "written", ["", "text\n", "text\n\nno signature\n", "text\n\n\u2014 log AAAA", "x" * 10_001]
)
def test_other_text_is_no_note(written: str) -> None:
    with pytest.raises(NoNote):
        read_note(written)
