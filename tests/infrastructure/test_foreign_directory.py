"""A directory that is somebody else's is neither used nor changed."""

import os
from pathlib import Path

import pytest

from infrastructure.data_directory.claim import DataDirectory, DataDirectoryUnusable


def test_a_directory_with_other_things_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "homework.txt").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(DataDirectoryUnusable, match="holds other things"):
        DataDirectory.claim(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("name", [None, "labs.sqlite"])
def test_an_empty_directory_and_an_own_one_are_closed_to_others(
    tmp_path: Path, name: str | None
) -> None:
    if name is not None:
        (tmp_path / name).touch()
    tmp_path.chmod(0o755)
    DataDirectory.claim(tmp_path).release()
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 4242, -1)
    with pytest.raises(DataDirectoryUnusable, match="belongs to user 4242"):
        DataDirectory.claim(tmp_path)
