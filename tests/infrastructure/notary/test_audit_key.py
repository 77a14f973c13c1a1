"""The key that vouches for the log: made, named, wrong, and another one."""

import subprocess
from pathlib import Path

import pytest

from domain.log_tree.checkpoint import LogCheckpoint, origin_by
from domain.log_tree.note import read_note, read_verifier_key
from infrastructure.notary.audit_key import (
    UnusableAuditKey,
    audit_key,
    checked,
    key_to_accept,
    trust,
    trusted_keys,
)
from tests.contracts.given import NOON

_CHECKPOINT = LogCheckpoint(
    origin=origin_by(bytes(32)), size=1, root=bytes(32), position=1, at=NOON
)


def test_a_key_is_made_for_its_owner_only_and_stays(tmp_path: Path) -> None:
    first, again = audit_key(tmp_path, None), audit_key(tmp_path, None)
    assert first.public == again.public
    assert (tmp_path / "audit.key").stat().st_mode & 0o777 == 0o600
    assert trusted_keys(tmp_path) == {first.public}


def test_a_signed_checkpoint_is_known_by_its_key_and_its_log(tmp_path: Path) -> None:
    key = audit_key(tmp_path, None)
    note = key.sign(_CHECKPOINT)
    keys = frozenset({key.public})
    assert checked(note, keys, _CHECKPOINT.origin) == (read_note(note), True)
    assert not checked(note, keys, "another log")[1]
    assert not checked(note, frozenset({bytes(32)}), _CHECKPOINT.origin)[1]
    assert not checked(note.replace("\n1\n", "\n2\n"), keys, _CHECKPOINT.origin)[1]


def test_a_key_of_openssl_can_be_named(tmp_path: Path) -> None:
    outside = tmp_path / "outside.pem"
    made = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(outside)]
    subprocess.run(made, check=True, capture_output=True)
    data = tmp_path / "data"
    data.mkdir()
    assert audit_key(data, outside).public in trusted_keys(data)
    assert not (data / "audit.key").exists()


@pytest.mark.parametrize("content", [b"", b"secret-rubbish", b"\xff\xfe", b"-----BEGIN A-----"])
def test_a_file_without_a_key_is_told_and_its_content_is_not(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "mine.pem"
    path.write_bytes(content)
    with pytest.raises(UnusableAuditKey, match=r"mine\.pem.*openssl genpkey") as told:
        audit_key(tmp_path, path)
    assert "rubbish" not in str(told.value)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.pem"
    made = ["openssl", "genpkey", "-algorithm", "x25519", "-out", str(path)]
    subprocess.run(made, check=True, capture_output=True)
    with pytest.raises(UnusableAuditKey, match="one private key of Ed25519"):
        audit_key(tmp_path, path)


def test_another_key_is_refused_until_it_is_accepted(tmp_path: Path) -> None:
    first = audit_key(tmp_path, None)
    (tmp_path / "audit.key").unlink()
    with pytest.raises(UnusableAuditKey, match="labctl audit key --accept"):
        audit_key(tmp_path, None)
    trust(tmp_path, key_to_accept(tmp_path, None))
    assert trusted_keys(tmp_path) == {first.public, audit_key(tmp_path, None).public}


@pytest.mark.parametrize("content", ["no base64!", "AAAA"])
def test_a_damaged_list_of_keys_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "audit.keys").write_text(content)
    with pytest.raises(UnusableAuditKey, match=r"audit\.keys"):
        audit_key(tmp_path, None)


def test_a_verifier_key_names_the_log(tmp_path: Path) -> None:
    written = audit_key(tmp_path, None).verifier("a/log")
    assert read_verifier_key(str(written)).name == "a/log"
