"""The users that labs run as when the service is root."""

import os
import subprocess
import sys
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

from application.ports.provisioner import ProvisionerUnavailable
from infrastructure.process.accounts import RANGES, Accounts, give_tree, owners_in, usable_range
from infrastructure.process.files import places_aside
from infrastructure.process.isolation import Premises, choose_isolation
from infrastructure.process.limit_groups import LimitGroups

FREE = range(1_950_000_000, 1_950_000_010)
_needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def accounts(numbers: range = FREE, taken: AbstractSet[int] = frozenset()) -> Accounts:
    return Accounts(numbers, lambda: taken)


def test_no_two_labs_get_the_same() -> None:
    allotted = accounts()
    numbers = [allotted.allot(f"uid-{number}") for number in range(10)]
    assert sorted(numbers) == list(FREE)


def test_when_none_is_free_no_lab_is_started() -> None:
    with pytest.raises(ProvisionerUnavailable, match="no user between"):
        accounts(taken=set(FREE)).allot("uid-1")


def test_an_account_that_was_given_back_is_found_again() -> None:
    taken = set(FREE)
    allotted = Accounts(FREE, lambda: taken)
    taken.discard(FREE[3])
    assert allotted.allot("uid-1") == FREE[3]


def test_users_of_this_machine_are_never_allotted() -> None:
    with pytest.raises(ProvisionerUnavailable):
        accounts(range(1)).allot("uid-1")


def test_users_of_running_processes_are_never_allotted() -> None:
    mine = os.geteuid()
    with pytest.raises(ProvisionerUnavailable):
        accounts(range(mine, mine + 1)).allot("uid-1")


def test_a_lab_keeps_the_one_it_has() -> None:
    assert accounts().keep_or_allot("uid-1", FREE[7]) == FREE[7]
    assert accounts().keep_or_allot("uid-1", 0) in FREE


@pytest.mark.parametrize(
    ("maps", "found"),
    [
        ("0 0 4294967295", RANGES[0]),
        ("0 100000 65536", RANGES[1]),
        ("0 1000 1\n1 100000 65536", RANGES[1]),
        ("0 1000 1", None),
        ("", None),
    ],
)
def test_the_range_is_one_that_the_kernel_maps(maps: str, found: range | None) -> None:
    assert usable_range([maps, maps]) == found
    assert usable_range([maps, ""]) is None


@_needs_root
def test_a_tree_is_given_without_following_links_and_no_more_than_the_owners(
    tmp_path: Path,
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("of somebody else")
    os.chown(outside, 4242, 4242)
    top = tmp_path / "labs/uid-1/work"
    (top / "a/b").mkdir(parents=True)
    (top / "a/link").symlink_to(outside)
    os.link(outside, top / "a/hard")
    give_tree(top, FREE[0])
    assert {path.lstat().st_uid for path in (top, top / "a", top / "a/b", top / "a/link")} == {
        FREE[0]
    }
    assert outside.stat().st_uid == 4242
    assert owners_in(tmp_path / "labs") == {FREE[0]}
    (tmp_path / "labs").rename(tmp_path / "aside")
    assert owners_in(tmp_path / "labs", tmp_path / "aside") == {FREE[0]}


@_needs_root
def test_users_that_only_a_running_process_has_are_never_allotted() -> None:
    with subprocess.Popen(["/bin/sleep", "60"], user=FREE[0]) as process:
        try:
            with pytest.raises(ProvisionerUnavailable):
                accounts(FREE[:1]).allot("uid-1")
        finally:
            process.kill()
    assert accounts(FREE[:1]).allot("uid-1") == FREE[0]


@_needs_root
def test_users_of_what_was_set_aside_are_not_allotted_again(tmp_path: Path) -> None:
    premises = Premises(
        data_dir=tmp_path,
        root=tmp_path / "labs",
        trial_in=tmp_path,
        lab_python=Path(sys.executable),
        limit_groups=LimitGroups(parents={}, missing={}),
        as_root=True,
    )

    def proposed() -> int:
        found = choose_isolation("none", premises).confinement.accounts
        assert found is not None
        return found.allot("owner/uid-1")

    first = proposed()
    for place in places_aside(tmp_path, tmp_path / "labs"):
        work = place / "uid-9.20260101T000000.000000Z" / "work"
        work.mkdir(parents=True)
        os.chown(work, first, first)
        assert proposed() != first
        os.chown(work, 0, 0)
