"""The administrator's token."""

import errno
import os
from pathlib import Path

import pytest

from infrastructure.data_directory.admin_token import UnusableToken, admin_token
from infrastructure.unusable import file_trouble


def test_a_token_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    token = admin_token(tmp_path)
    assert len(token) >= 32
    assert admin_token(tmp_path) == token
    assert (tmp_path / "admin.token").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["admin.token"]


def test_a_token_of_the_owners_own_making_is_kept(tmp_path: Path) -> None:
    (tmp_path / "admin.token").write_text("my-own-secret-token\n")
    assert admin_token(tmp_path) == "my-own-secret-token"


@pytest.mark.parametrize("content", ["", "short", "has spaces in it, several", "\x00" * 32])
def test_an_unusable_token_is_refused_without_telling_it(tmp_path: Path, content: str) -> None:
    (tmp_path / "admin.token").write_text(content)
    with pytest.raises(UnusableToken) as refusal:
        admin_token(tmp_path)
    assert not content.strip("\x00") or content not in str(refusal.value)


def test_a_token_without_room_for_it_is_named_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_a_full_disk(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", on_a_full_disk)
    with pytest.raises(OSError, match="No space left") as refusal:
        admin_token(tmp_path)
    assert file_trouble(refusal.value) == (
        f"{tmp_path}/admin.token: the disk is full (No space left on device): make room"
    )
    assert list(tmp_path.iterdir()) == []
