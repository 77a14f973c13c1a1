"""Where labs cannot be confined as demanded, the start is refused in one line; where they need not
be, it is said in the first lines."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.command_line.cli import app
from tests.scenarios.labctl import labctl_ended
from tests.servers.ports import free_port

DENIED = """#!/bin/sh
echo "bwrap: setting up uid map: Permission denied" >&2
exit 1
"""


def programs(tmp_path: Path, bubblewrap: str = "") -> str:
    """A path on which there is that bubblewrap only, or none."""
    place = tmp_path / "programs"
    place.mkdir()
    if bubblewrap:
        (place / "bwrap").write_text(bubblewrap)
        (place / "bwrap").chmod(0o755)
    return str(place)


def ended(tmp_path: Path, path: str, **variables: str) -> tuple[int, list[str]]:
    """The status and the lines of a `labctl` that ends by itself."""
    settings = {
        "LAB_DATA_DIR": str(tmp_path / "data"),
        "LAB_HTTP_PORT": str(free_port()),
        "LAB_HTTPS_PORT": "0",
        "PATH": path,
        **variables,
    }
    answer = labctl_ended(settings, "serve")
    return answer.returncode, [*answer.stdout.splitlines(), *answer.stderr.splitlines()]


@pytest.mark.parametrize(
    "variables",
    [
        {"LAB_ISOLATION": "required"},
        {"LAB_HOST": "0.0.0.0"},
    ],
)
def test_without_bubblewrap_where_others_can_come_in(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    status, lines = ended(tmp_path, programs(tmp_path), **variables)
    assert status == 2
    [line] = lines
    assert line.startswith("labctl: LAB_ISOLATION=required, but bubblewrap is not installed")
    assert "apt-get install bubblewrap" in line


def test_with_a_bubblewrap_that_is_not_permitted(tmp_path: Path) -> None:
    path = programs(tmp_path, DENIED)
    status, lines = ended(tmp_path, path, LAB_ISOLATION="required")
    assert status == 2
    [line] = lines
    assert "setting up uid map: Permission denied" in line
    assert "apparmor_restrict_unprivileged_userns" in line


def test_with_a_python_of_the_labs_that_does_not_run(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho out of order >&2\nexit 7\n")
    broken.chmod(0o755)
    status, lines = ended(
        tmp_path,
        os.environ["PATH"],
        LAB_ISOLATION="required",
        LAB_RUNTIME_PYTHON=str(broken),
    )
    assert status == 2
    assert "out of order" in lines[-1]


@pytest.mark.parametrize(("bubblewrap", "why"), [("", "not installed"), (DENIED, "uid map")])
def test_the_doctor_says_what_is_missing_and_whether_the_demand_is_met(
    tmp_path: Path, bubblewrap: str, why: str
) -> None:
    path = programs(tmp_path, bubblewrap)
    variables = {"LAB_DATA_DIR": str(tmp_path / "data"), "PATH": path}
    asked = CliRunner().invoke(app, ["doctor"], env={**variables, "LAB_ISOLATION": "required"})
    lines = asked.stdout.splitlines()
    assert asked.exit_code == 1
    assert lines[-1].startswith("LAB_ISOLATION=required cannot be met")
    assert any(line.startswith("missing  sandbox: ") and why in line for line in lines)
    assert any(line.strip().startswith("to do: ") for line in lines)
    asked = CliRunner().invoke(app, ["doctor"], env={**variables, "LAB_ISOLATION": "preferred"})
    assert asked.exit_code == 0
    assert asked.stdout.splitlines()[-1].startswith("LAB_ISOLATION=preferred is met: ")
    assert not (tmp_path / "data").exists(), "it changes nothing"


def test_simulated_labs_need_no_confinement(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data/kubeconfig").mkdir()  # it is what ends this start
    status, lines = ended(
        tmp_path,
        programs(tmp_path),
        LAB_ISOLATION="required",
        LAB_PROVISIONER="simulated",
    )
    assert status == 2
    told = [line for line in lines if not _is_json(line)]
    assert len(told) == 1
    assert "kubeconfig" in told[0]


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
