"""The example of docs/templates.md does what it says."""

import re
from pathlib import Path

from tests.architecture.tree import ROOT
from tests.contracts.provisioner_waiting import request, running
from tests.infrastructure.process.ground import Ground, closing, shown_of
from tests.infrastructure.process.scripts import PLAIN


async def test_the_example_runs(tmp_path: Path) -> None:
    paper = (ROOT / "docs/templates.md").read_text()
    [example] = re.findall("```yaml\n(.*?)```", paper, re.DOTALL)
    templates = tmp_path / "templates"
    (templates / "reports/week-1").mkdir(parents=True)
    (templates / "reports.yaml").write_text(example)
    (templates / "reports/week-1/task.txt").write_text("sum")
    (templates / "reports/run.sh").write_text("#!/bin/sh\n")
    (templates / "reports/serve.py").write_text(PLAIN)
    ground = Ground(data_dir=tmp_path / "data", level="none", templates=templates)
    provisioner = ground.provisioner()
    async with closing(ground, provisioner):
        await provisioner.ensure(request(template="reports"))
        await running(provisioner, "uid-1")
        assert (ground.path_of("uid-1") / "work/week-1/task.txt").read_text() == "sum"
        seen = [shown_of(pid, "environ") for pid in ground.pids_of("uid-1")]
        assert any('SETTINGS={"level": 3}' in one.split("\0") for one in seen)
