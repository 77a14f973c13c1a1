"""The papers say what is true: the README and the settings, the documents and their links."""

import re
from collections import Counter
from pathlib import Path

from api.command_line.cli import app
from infrastructure.settings import Settings, read_settings, variable_of
from tests.architecture.tree import PRODUCT, ROOT, modules, text_files

README = ROOT / "README.md"
TOP_LEVEL = {"pyproject.toml", "domain", "application", "infrastructure", "api", "tests"} | {
    "docker-compose.yml",
    "README.md",
}

GUIDES = ("CONTRIBUTING.md", "docs/development.md", "docs/style.md", "docs/fast-on-purpose.md")
PATH = re.compile(
    r"(?<![\w/.-])(?:domain|application|infrastructure|api|tests|benchmarks|docs|\.ci)"
    r"/[\w./*-]*"
)


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
    documented = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    named = {
        name for paper in _papers() for name in re.findall(r"\bmake ([a-z-]+)`", paper.read_text())
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
    groups = {group.name for group in app.registered_groups}
    assert commands
    assert told == commands | groups


def test_every_command_of_a_group_is_in_the_papers_and_no_other() -> None:
    papers = "".join(paper.read_text() for paper in _papers())
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    assert groups
    for name, group in groups.items():
        told = set(re.findall(rf"\blabctl {name} ([a-z]+)", papers))
        commands = group.registered_commands if group else ()
        named = {command.name or getattr(command.callback, "__name__", "") for command in commands}
        assert told == named


def test_every_path_the_papers_name_exists() -> None:
    missing = [
        (paper.name, name)
        for paper in _papers()
        for name in PATH.findall(paper.read_text())
        if not any(ROOT.glob(name.rstrip("/.")))
    ]
    assert missing == []


def test_every_module_the_papers_name_by_its_file_exists() -> None:
    files = {name.rpartition("/")[2] for name, _text in text_files()}
    missing = [
        (paper.name, name)
        for paper in _papers()
        for name in re.findall(r"`(\w+\.py)`", paper.read_text())
        if name not in files
    ]
    assert missing == []


def test_every_class_the_guides_name_exists() -> None:
    everything = "\n".join(module.text for module in modules(*PRODUCT, "tests", "benchmarks"))
    missing = [
        (guide, name)
        for guide in GUIDES
        for name in re.findall(r"`([A-Z][a-z]+[A-Z]\w+)`", (ROOT / guide).read_text())
        if not re.search(rf"\b{name}\b", everything)
    ]
    assert missing == []


def test_the_glossary_has_one_entry_for_each_word() -> None:
    cells = re.findall(r"^\| (.+?) \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    words = Counter(word.strip().lower() for cell in cells for word in cell.split(","))
    assert len(words) > 60
    assert [word for word, times in words.items() if times > 1] == []


def test_code_that_is_odd_for_speed_names_its_decision() -> None:
    rows = [
        (where, int(number))
        for row in (ROOT / "docs" / "fast-on-purpose.md").read_text().splitlines()
        for number in re.findall(r"\| \[(\d+)\]\(decisions/", row)
        for where in re.findall(r"`(\w+/[\w/]+\.py)`", row)
    ]
    silent = [
        (where, number)
        for where, number in rows
        if not re.search(rf"\bdecision {number}\b", (ROOT / where).read_text())
    ]
    assert len(rows) > 20
    assert silent == []


def test_decisions_have_numbers_of_their_own_and_one_style_of_heading() -> None:
    numbers = Counter(path.name[:4] for path in _decisions())
    assert numbers
    assert [number for number, times in numbers.items() if times > 1] == []
    for path in _decisions():
        heading = path.read_text().partition("\n")[0]
        assert re.fullmatch(rf"# {int(path.name[:4])}\. .+[^.]", heading), path.name


def test_the_index_of_decisions_names_each_once_with_its_heading() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    rows = re.findall(r"^\| (\d+) \| \[(.+)\]\((.+)\) \|$", index, re.MULTILINE)
    headings = {path.name: path.read_text().partition("\n")[0] for path in _decisions()}
    assert {name: f"# {number}. {title}" for number, title, name in rows} == headings
    assert len(rows) == len(headings)


def _decisions() -> list[Path]:
    return sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def _papers() -> list[Path]:
    return [
        README,
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
        *sorted((ROOT / "docs").rglob("*.md")),
    ]


def test_no_paper_hands_a_token_to_a_program_as_an_argument() -> None:
    """Every user of a machine can read the arguments of programs."""
    handed = re.compile(r"""(?:-H|--header)[ =]*["']?Authorization|--token[ =]""", re.IGNORECASE)
    papers = [README, *(ROOT / "docs").rglob("*.md"), ROOT / "Makefile"]
    assert [paper.name for paper in papers if handed.search(paper.read_text())] == []
