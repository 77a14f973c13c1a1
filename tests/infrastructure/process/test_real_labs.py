"""The shipped templates for real, in the environment of the labs."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from infrastructure.process.provisioner import ProcessProvisioner
from tests.contracts.provisioner_waiting import request, running
from tests.infrastructure.process.ground import Ground, Level, bubblewrap_missing, closing
from tests.servers.plain_http import NO_TLS

_DEFAULT = Path(__file__).parents[3] / ".venv-labs/bin/python"
_PYTHON = Path(os.environ.get("LAB_RUNTIME_PYTHON", _DEFAULT))

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(
        not _PYTHON.exists(), reason="the environment of the labs is not installed"
    ),
]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    level: Level = "none" if bubblewrap_missing() else "bubblewrap"
    return Ground(data_dir=tmp_path / "data", level=level, lab_python=_PYTHON)


@pytest.fixture
async def provisioner(ground: Ground) -> AsyncIterator[ProcessProvisioner]:
    made = ground.provisioner()
    async with closing(ground, made):
        yield made


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("python-basics", "<title>notebook</title>"),
        ("jupyterlab", "<title>JupyterLab</title>"),
        ("terminal", '"notebookPage": "terminals"'),
    ],
)
async def test_a_real_lab_opens_by_its_link_only_and_goes_wholly(
    provisioner: ProcessProvisioner, ground: Ground, template: str, shown: str
) -> None:
    await provisioner.ensure(request(template=template))
    endpoint = (await running(provisioner, "uid-1", seconds=60)).endpoint
    link = await provisioner.access("uid-1")
    token = (ground.path_of("uid-1") / "token").read_text()
    async with httpx.AsyncClient(follow_redirects=True, timeout=20, verify=NO_TLS) as client:
        refused = await client.get(link.partition("?")[0])
        assert shown not in refused.text
        opened = await client.get(link)
        assert opened.status_code == 200
        assert shown in opened.text
    assert endpoint in link
    assert token not in await provisioner.logs("uid-1", tail=1000)
    await provisioner.terminate("uid-1", keep_files=False)
    assert ground.pids_of("uid-1") == []
