"""Starter files that have changed since their template was read."""

from pathlib import Path

import pytest

from application.ports.provisioner import RuntimeRefused
from infrastructure.process.starter import place_starter_files
from infrastructure.templates.definition import read_definition

TEMPLATE = """
name: mine
title: My own
command: ["{python}"]
readiness: {path: /}
access: /?t={token}
files: [{source: given.txt, target: given.txt}]
defaultDuration: 30m
maximumDuration: 2h
"""


@pytest.mark.parametrize("outside", ["a file", None], ids=["file", "nothing"])
def test_a_source_that_leads_out_by_now_is_refused_and_nothing_is_placed(
    tmp_path: Path, outside: str | None
) -> None:
    own, work = tmp_path / "own", tmp_path / "work"
    own.mkdir()
    work.mkdir()
    (own / "given.txt").write_text("given")
    (own / "mine.yaml").write_text(TEMPLATE)
    definition = read_definition(own / "mine.yaml")
    if outside is not None:
        (tmp_path / "secret").write_text(outside)
    (own / "given.txt").unlink()
    (own / "given.txt").symlink_to("../secret")
    with pytest.raises(RuntimeRefused, match=r"given\.txt"):
        place_starter_files(definition, work)
    assert list(work.iterdir()) == []
