"""What a replica is called, and when it is called otherwise."""

import socket
from pathlib import Path

import pytest

from infrastructure.data_directory.replica_name import replica_name


def test_a_replica_keeps_its_name_even_where_the_machine_is_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "lab host 1")
    name = replica_name(tmp_path)
    assert name.startswith("lab-host-1-")
    monkeypatch.setattr(socket, "gethostname", lambda: "another")
    assert replica_name(tmp_path) == name
    assert (tmp_path / "replica").stat().st_mode & 0o777 == 0o600


def test_no_two_data_directories_have_the_same_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert replica_name(tmp_path / "a") != replica_name(tmp_path / "b")


@pytest.mark.parametrize("content", ["", "two\nlines", "x" * 200])
def test_a_file_that_holds_no_name_is_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "replica").write_text(content)
    name = replica_name(tmp_path)
    assert name != content
    assert replica_name(tmp_path) == name


def test_a_replica_that_cannot_keep_its_name_has_one_all_the_same(tmp_path: Path) -> None:
    assert replica_name(tmp_path / "missing")
