"""The plan of what a lab sees, and how each sandbox carries it out."""

import os
from pathlib import Path

import pytest

from infrastructure.process.bubblewrap import bubblewrap_options
from infrastructure.process.files import LabFiles
from infrastructure.process.lab_python import find_lab_python
from infrastructure.process.mounts import (
    SHARED_MEMORY,
    TEMPORARY,
    Cover,
    Link,
    Mounts,
    Show,
    closed_above,
    way_to,
)
from infrastructure.process.own_mounts import mounting_script
from infrastructure.templates.definition import Resources


def steps(tmp_path: Path, mounts: Mounts) -> list[Cover | Show | Link]:
    return list(mounts.steps(LabFiles(tmp_path / "data/labs", "uid-1")))


def test_a_mount_inside_a_cover_comes_after_it(tmp_path: Path) -> None:
    (tmp_path / "home/python").mkdir(parents=True)
    home, python = tmp_path / "home", tmp_path / "home/python"
    plan = steps(tmp_path, Mounts(covers=[Cover(home)], shown=[python], strangers=False))
    assert plan == [Cover(home), Show(python)]


def test_a_path_that_no_cover_hides_is_neither_shown_nor_covered_again(tmp_path: Path) -> None:
    outer, inner = Cover(tmp_path / "home"), Cover(tmp_path / "home/ann")
    mounts = Mounts(covers=[inner, outer], shown=[Path("/usr")], strangers=False)
    assert steps(tmp_path, mounts) == [outer]


def test_the_data_inside_something_shown_is_covered_again(tmp_path: Path) -> None:
    home, project = tmp_path / "home", tmp_path / "home/project"
    project.mkdir(parents=True)
    data = Cover(project / ".lab")
    mounts = Mounts(covers=[Cover(home), data], shown=[project], strangers=False)
    assert steps(tmp_path, mounts) == [Cover(home), Show(project), data]


def test_a_private_directory_inside_one_for_all_cannot_be_written_to(tmp_path: Path) -> None:
    temporary = Cover(tmp_path, writable=True)
    data = Cover(tmp_path / "data")
    plan = steps(tmp_path, Mounts(covers=[temporary, data], shown=(), strangers=False))
    work = Show(tmp_path / "data/labs/uid-1/work", writable=True)
    assert plan == [temporary, data, Show(tmp_path / "data/labs/uid-1/token"), work]


def test_a_way_through_links_is_made_as_it_is(tmp_path: Path) -> None:
    real = tmp_path / "home/store/python-3.11.7"
    real.mkdir(parents=True)
    (tmp_path / "home/python").symlink_to("store/python-3.11")
    (tmp_path / "home/store/python-3.11").symlink_to(real)
    mounts = Mounts(
        covers=[Cover(tmp_path / "home")], shown=[tmp_path / "home/python"], strangers=False
    )
    assert steps(tmp_path, mounts) == [
        Cover(tmp_path / "home"),
        Link(tmp_path / "home/python", "store/python-3.11"),
        Link(tmp_path / "home/store/python-3.11", str(real)),
        Show(real),
    ]


def test_links_that_lead_in_a_circle_end_with_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="too many symbolic links"):
        way_to(tmp_path / "a")


def test_strangers_are_led_past_closed_directories(tmp_path: Path) -> None:
    closed, shown = tmp_path / "closed", tmp_path / "closed/open/python"
    shown.mkdir(parents=True)
    closed.chmod(0o700)
    assert closed in closed_above(shown)
    plan = steps(tmp_path, Mounts(covers=(), shown=[shown], strangers=True))
    assert Show(shown) in plan
    assert any(isinstance(one, Cover) and closed.is_relative_to(one.path) for one in plan)
    assert steps(tmp_path, Mounts(covers=(), shown=[shown], strangers=False)) == []


def test_capabilities_are_kept_only_to_become_another_user(tmp_path: Path) -> None:
    files = LabFiles(tmp_path, "uid-1")
    for strangers in (False, True):
        mounts = Mounts(covers=[Cover(tmp_path)], shown=(), strangers=strangers)
        options = bubblewrap_options(mounts, files, Resources())
        assert ("--cap-add" in options) is strangers
        assert options[options.index("--cap-drop") + 1] == "ALL"
        assert "--die-with-parent" not in options


def test_covers_for_all_are_bounded_in_each_sandbox(tmp_path: Path) -> None:
    files = LabFiles(tmp_path, "uid-1")
    limits = Resources(temporary_mib=7, shared_memory_mib=3)
    places = {TEMPORARY[0]: 7, SHARED_MEMORY: 3}
    covers = [Cover(place, writable=True) for place in places]
    mounts = Mounts(covers=covers, shown=(), strangers=False)
    options = list(bubblewrap_options(mounts, files, limits))
    script = mounting_script(mounts, files, limits)
    for place, mib in places.items():
        size = str(mib * 1024 * 1024)
        end = options.index(str(place), options.index("--size")) + 1
        assert ["--size", size, "--tmpfs", str(place)] == options[end - 4 : end]
        assert f"size={size}," in script


def test_settings_of_the_kernel_are_shown_to_be_read_only(tmp_path: Path) -> None:
    mounts = Mounts(covers=[], shown=(), strangers=True)
    options = list(bubblewrap_options(mounts, LabFiles(tmp_path, "uid-1"), Resources()))
    place = options.index("/proc/sys")
    assert options[place - 1 : place + 2] == ["--ro-bind", "/proc/sys", "/proc/sys"]
    assert options.index("--proc") < place, "else it would be covered again"
    script = mounting_script(mounts, LabFiles(tmp_path, "uid-1"), Resources())
    assert "remount,bind,ro /proc/sys" in script


def test_a_python_that_is_only_pointed_at_tells_where_it_is(tmp_path: Path) -> None:
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nexec {os.__file__.split("/lib/")[0]}/bin/python3 "$@"\n')
    wrapper.chmod(0o755)
    found = find_lab_python(wrapper)
    assert found.answers
    assert found.program != wrapper
    assert Path(os.__file__.split("/lib/")[0]) in found.places


def test_a_python_that_does_not_run_is_known_not_to(tmp_path: Path) -> None:
    found = find_lab_python(tmp_path / "absent")
    assert not found.answers
    assert found.places == [tmp_path / "absent"]
