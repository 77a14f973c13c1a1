"""The trial of a confinement: bounded, and run by the labs' own Python wherever that is."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infrastructure.process.confinement import Confinement
from infrastructure.process.isolation import (
    BUBBLEWRAP,
    IsolationRefused,
    Premises,
    choose_isolation,
)
from infrastructure.process.limit_groups import LimitGroups
from infrastructure.process.mounts import Mounts, usual_mounts
from infrastructure.process.settings import ProcessSettings
from infrastructure.process.site import open_site
from infrastructure.process.trial import Trial
from tests.infrastructure.process.ground import bubblewrap_missing
from tests.servers.left_behind import groups_of

_needs_bubblewrap = pytest.mark.skipif(bool(bubblewrap_missing()), reason=bubblewrap_missing())


def premises(tmp_path: Path, lab_python: Path) -> Premises:
    root = tmp_path / "data/labs"
    root.mkdir(mode=0o700, parents=True)
    (root / ".owner").write_text("somebody")
    return Premises(
        data_dir=tmp_path / "data",
        root=root,
        trial_in=root,
        lab_python=lab_python,
        limit_groups=LimitGroups(parents={}, missing={}),
        as_root=os.geteuid() == 0,
    )


def test_a_bubblewrap_that_hangs_is_ended_with_all_it_has_started(tmp_path: Path) -> None:
    hanging = tmp_path / "bwrap"
    hanging.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nsleep 600 &\nsleep 600\n")
    hanging.chmod(0o755)
    confinement = Confinement(
        lab_python=Path(sys.executable),
        bubblewrap=str(hanging),
        mounts=Mounts(covers=(), shown=(), strangers=False),
    )
    trial = Trial(root=tmp_path, forbidden=(), patience=1.0)
    assert trial.trouble(confinement) == "it did not end within 1 s"
    group = int((tmp_path / "pid").read_text())
    while _is_there(group):  # the kernel ends them in its own time; the timeout bounds it
        time.sleep(0.01)
    assert not (tmp_path / ".trial").exists()


def test_a_bubblewrap_that_confines_nothing_is_seen_through(tmp_path: Path) -> None:
    unconfining = tmp_path / "bwrap"
    words = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n'
    unconfining.write_text(words)
    unconfining.chmod(0o755)
    confinement = Confinement(
        lab_python=Path(sys.executable),
        bubblewrap=str(unconfining),
        mounts=Mounts(covers=(), shown=(), strangers=False),
    )
    trouble = Trial(root=tmp_path, forbidden=()).trouble(confinement)
    assert trouble == f"a lab could read {tmp_path}/.trial/beside"
    assert not (tmp_path / ".trial").exists()


@_needs_bubblewrap
@pytest.mark.parametrize("made", ["link", "environment"])
def test_a_python_behind_links_in_a_home_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: str
) -> None:
    home = tmp_path / "home"
    (home / "store").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    (home / "store/3.11").symlink_to(sys.base_prefix)
    (home / "3.11").symlink_to("store/3.11")
    python = home / "3.11/bin/python3"
    if made == "link":
        (home / "python").symlink_to("3.11/bin/python3")
        python = home / "python"
    else:
        words = [str(python), "-m", "venv", "--without-pip", str(home / "environment")]
        subprocess.run(words, check=True)
        python = home / "environment/bin/python"
    chosen = choose_isolation("required", premises(tmp_path, python))
    assert chosen.health.isolation == BUBBLEWRAP
    assert chosen.health.message == ""


@_needs_bubblewrap
def test_a_directory_behind_a_link_is_covered_where_it_really_is(tmp_path: Path) -> None:
    (tmp_path / "disk/data").mkdir(mode=0o700, parents=True)
    (tmp_path / "link").symlink_to("disk")
    settings = ProcessSettings(
        data_dir=tmp_path / "link/data", lab_python=Path(sys.executable), isolation="preferred"
    )
    site = open_site(settings)
    site.close()
    assert site.root == tmp_path / "disk/data/labs"
    mounts = usual_mounts(
        root=tmp_path / "link/data/labs",
        data_dir=tmp_path / "link/data",
        shown=(),
        strangers=False,
    )
    for chosen in filter(None, (site.isolation.confinement.mounts, mounts)):
        covered = [cover.path for cover in chosen.covers]
        assert tmp_path / "disk/data" in covered
        assert not any(place.is_relative_to(tmp_path / "link") for place in covered)


def test_a_python_that_labs_cannot_reach_is_refused_by_name_not_run_as_root(
    tmp_path: Path,
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only labs of root's run as others")
    closed = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", closed], check=True)
    closed.chmod(0o700)
    with pytest.raises(IsolationRefused, match="never run as root") as refusal:
        choose_isolation("preferred", premises(tmp_path, closed / "bin/python"))
    assert "\n" not in str(refusal.value)
    assert f"chmod -R o+rX {closed}" in str(refusal.value)


def test_a_refused_start_leaves_no_control_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = ProcessSettings(
        data_dir=tmp_path, lab_python=Path(sys.executable), isolation="required"
    )
    with pytest.raises(IsolationRefused, match="bubblewrap is not installed"):
        open_site(settings)
    owner = (tmp_path / "labs/.owner").read_text().strip()
    assert groups_of(owner) == []


def _is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
