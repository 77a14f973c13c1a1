"""The papers say what is true: the README and the settings, the documents and their links."""

import re
from collections import Counter
from pathlib import Path

from api.command_line.cli import app
from infrastructure.settings import Settings, read_settings, variable_of
from tests.architecture.tree import ROOT

README = ROOT / "README.md"
TOP_LEVEL = {"pyproject.toml", "domain", "application", "infrastructure", "api", "tests"} | {
    "docker-compose.yml",
    "README.md",
}


def test_the_readme_can_be_read_in_one_go() -> None:
    assert len(README.read_text().splitlines()) <= 120


def test_the_readme_names_every_setting_and_no_other() -> None:
    table = set(re.findall(r"^\| `(LAB_[A-Z_]+)`", README.read_text(), re.MULTILINE))
    assert table == {variable_of(field) for field in Settings.model_fields}


def test_the_readme_tells_the_true_defaults() -> None:
    table = dict(
        re.findall(r"^\| `(LAB_[A-Z_]+)` \| `([^`]+)` \|", README.read_text(), re.MULTILINE)
    )
    assert len(table) > 15
    assert read_settings(table) == read_settings({})


def test_the_papers_speak_of_no_variable_that_does_not_exist() -> None:
    known = {variable_of(field) for field in Settings.model_fields}
    spoken = {
        (paper.name, name)
        for paper in [*_papers(), ROOT / "docker-compose.yml", ROOT / "Dockerfile"]
        for name in re.findall(r"\bLAB_[A-Z_]+[A-Z]\b", paper.read_text())
        if name not in known
    }
    assert spoken == set()


def test_the_top_level_holds_what_it_must() -> None:
    assert {path.name for path in ROOT.iterdir()} >= TOP_LEVEL


def test_every_link_in_the_papers_leads_somewhere() -> None:
    broken = [
        (paper.name, target)
        for paper in _papers()
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", paper.read_text())
        if not (paper.parent / target).exists()
    ]
    assert broken == []


def test_every_make_target_the_papers_name_exists_and_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    documented = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    named = {
        name for paper in _papers() for name in re.findall(r"\bmake ([a-z]+)`", paper.read_text())
    }
    assert phony == documented
    assert named <= documented


def test_every_command_is_in_the_papers_and_no_other() -> None:
    told = {
        name for paper in _papers() for name in re.findall(r"\blabctl ([a-z]+)", paper.read_text())
    }
    commands = {
        command.callback.__name__ for command in app.registered_commands if command.callback
    }
    assert commands
    assert told == commands


def test_decisions_have_numbers_of_their_own() -> None:
    numbers = Counter(path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers
    assert [number for number, times in numbers.items() if times > 1] == []
    assert all(number.isdigit() for number in numbers)


def _papers() -> list[Path]:
    return [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
