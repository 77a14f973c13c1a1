"""The catalogue: shipped templates, the user's own, and what is said about bad files."""

import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from application.ports.templates import Template
from domain.lab_instance.duration import parse_duration
from infrastructure.templates import catalog as catalog_module
from infrastructure.templates.catalog import load_catalog
from infrastructure.templates.definition import InvalidTemplate

PYTHON = Path(sys.executable)
GOOD = """
name: mine
title: My own
command: ["{python}", "-m", "mine", "--port={port}"]
readiness: {path: /ok}
access: /?t={token}
defaultDuration: 30m
maximumDuration: 2h
"""


def test_the_shipped_templates_are_there() -> None:
    names = [template.name for template in load_catalog(lab_python=PYTHON, directory=None).all()]
    assert names == ["jupyterlab", "python-basics", "static", "terminal"]


def test_a_jupyter_server_may_be_silent_while_a_kernel_starts() -> None:
    definitions = load_catalog(lab_python=PYTHON, directory=None).definitions
    assert definitions["jupyterlab"].readiness.silence >= 60


def test_python_basics_lasts_an_hour_and_eight_at_most() -> None:
    template = load_catalog(lab_python=PYTHON, directory=None).get("python-basics")
    assert template is not None
    assert parse_duration(template.default_duration) == timedelta(hours=1)
    assert template.maximum_duration == timedelta(hours=8)


def test_an_unknown_template_is_none() -> None:
    assert load_catalog(lab_python=PYTHON, directory=None).get("no-such") is None


def test_a_template_that_needs_nothing_is_available_with_any_python() -> None:
    static = load_catalog(lab_python=PYTHON, directory=None).get("static")
    assert static is not None
    assert static.unavailable == ""


def test_a_template_whose_module_is_missing_says_which(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD + "requires: {modules: [sys, no_such_module]}\n")
    mine = load_catalog(lab_python=PYTHON, directory=tmp_path).get("mine")
    assert mine is not None
    assert mine.unavailable == "the environment of the labs lacks no_such_module"


def test_a_template_whose_executable_is_missing_says_which(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD + "requires: {executables: [sh, no-such-tool]}\n")
    mine = load_catalog(lab_python=PYTHON, directory=tmp_path).get("mine")
    assert mine is not None
    assert mine.unavailable == "the environment of the labs lacks no-such-tool"


def test_without_the_labs_environment_every_template_says_so(tmp_path: Path) -> None:
    catalog = load_catalog(lab_python=tmp_path / "none", directory=None)
    reasons = {template.unavailable for template in catalog.all()}
    assert reasons == {"the environment of the labs is not installed"}


def test_the_users_directory_adds_and_overrides(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD)
    (tmp_path / "static.yml").write_text(GOOD.replace("name: mine", "name: static"))
    catalog = load_catalog(lab_python=PYTHON, directory=tmp_path)
    assert catalog.get("mine") is not None
    static = catalog.get("static")
    assert static is not None
    assert static.title == "My own"
    assert catalog.get("python-basics") is not None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ("command: []", "command"),
        ('command: ["{nothing}"]', "command.0"),
        ('command: ["{"]', "command.0"),
        ("readiness: {path: ok}", "readiness.path"),
        ("readiness: {path: /ok, statuses: 200}", "readiness.statuses"),
        ('readiness: {path: "/\u00fc"}', "readiness.path"),
        ('readiness: {path: "/a b"}', "readiness.path"),
        ('readiness: {path: "/a\\r\\nX-Y: z"}', "readiness.path"),
        ("access: /open", "access"),
        ('access: "/\u00fc?token={token}"', "access"),
        ('access: "/?token={token}\\n"', "access"),
        ('title: "\\e[31mred"', "title"),
        ('title: "two\\nlines"', "title"),
        ('title: "\\u202ebackwards"', "title"),
        ("files: [{source: mine.yaml, target: .}]", "files.target"),
        ("files: [{source: mine.yaml, target: ./.}]", "files.target"),
        (f"files: [{{source: mine.yaml, target: {'x' * 300}}}]", "files.0.target"),
        (f"files: [{{source: mine.yaml, target: {'x/' * 3000}y}}]", "files.0.target"),
        ("defaultDuration: soon", "defaultDuration"),
        ("defaultDuration: 3h", "defaultDuration"),
        ("resources: {memoryMib: lots}", "resources.memoryMib"),
        ("files: [{source: ../secret, target: x}]", "files.0.source"),
        ("files: [{source: absent.txt, target: x}]", "files.source"),
        ("colour: blue", "colour"),
        ("directory: /etc", "directory"),
    ],
)
def test_a_bad_file_is_told_in_one_line_with_file_and_field(
    tmp_path: Path, wrong: str, field: str
) -> None:
    path = tmp_path / "mine.yaml"
    key = wrong.split(":", maxsplit=1)[0]
    kept = [line for line in GOOD.splitlines() if not line.startswith(f"{key}:")]
    path.write_text("\n".join([*kept, wrong]))
    listed = load_catalog(lab_python=PYTHON, directory=tmp_path).get("mine")
    assert listed is not None
    assert listed.unavailable.startswith(f"template file {path}: {field}: ")
    assert "\n" not in listed.unavailable


@pytest.mark.parametrize("text", ["a: [", "- a list", "", "a: \xff", "name: 'x"])
def test_a_file_that_is_no_mapping_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(text.encode("latin-1"))
    catalog = load_catalog(lab_python=PYTHON, directory=tmp_path)
    listed = catalog.get("mine")
    assert listed is not None
    assert listed.unavailable.startswith(f"template file {path}: ")
    assert "\n" not in listed.unavailable
    static = catalog.get("static")
    assert static is not None
    assert static.unavailable == "", "one bad file is no other template's fault"


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(GOOD)
    mine = load_catalog(lab_python=PYTHON, directory=tmp_path).get("mine")
    assert mine is not None
    assert "b.yaml: name: another file here defines mine too" in mine.unavailable


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidTemplate, match="there is no such directory"):
        load_catalog(lab_python=PYTHON, directory=tmp_path / "none")


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("title: again\n", "title: is given more than once"),
        ("requires: &a {modules: []}\nresources: *a\n", "*a: aliases are not accepted"),
        (f"requires: {'[' * 30}{']' * 30}\n", "more than 10 levels"),
        (f"requires: [{'a, ' * 3000}]\n", "or 2000 values"),
        (f"# {'x' * 70_000}\n", "is longer than 65536 bytes"),
        ("resources: {memoryMib: 99999999999}\n", "resources.memoryMib"),
        ("1: 2\n", "Keys should be strings"),
        ("requires: {executables: [!!int '']}\n", "tags are not accepted"),
        ("requires: {executables: [!!bool maybe]}\n", "tags are not accepted"),
        (
            f"files: [{{source: {'x' * 300}, target: x}}]\n",
            "files.0.source: must have at most 1024 bytes",
        ),
        (
            f"files: [{{source: {'x/' * 3000}x, target: x}}]\n",
            "files.0.source: must have at most 1024 bytes",
        ),
        ('requires: {modules: ["a\\0"]}\n', "characters that no text has"),
        ('requires: {executables: ["a\\0"]}\n', "characters that no text has"),
        ('environment: {A: "\\ud800"}\n', "characters that no text has"),
    ],
)
def test_a_file_is_bounded_and_says_each_thing_once(tmp_path: Path, added: str, told: str) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD + added)
    (tmp_path / "yours.yaml").write_text(GOOD.replace("name: mine", "name: yours"))
    catalog = load_catalog(lab_python=PYTHON, directory=tmp_path)
    mine, yours = catalog.get("mine"), catalog.get("yours")
    assert mine is not None
    assert yours is not None
    assert told in mine.unavailable
    assert yours.unavailable == ""


def test_a_bad_file_whose_name_is_no_text_is_told_in_text(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/mine-\xff.yaml")).write_text("none")
    [fault] = [each.unavailable for each in _of(tmp_path) if each.name == "mine"]
    assert r"mine-\udcff.yaml: must be a mapping" in fault.encode().decode()


def _of(directory: Path) -> Sequence[Template]:
    return load_catalog(lab_python=PYTHON, directory=directory).all()


def test_a_pipe_in_the_place_of_a_file_holds_up_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.yaml")
    mine = load_catalog(lab_python=PYTHON, directory=tmp_path).get("mine")
    assert mine is not None
    assert "is no plain file" in mine.unavailable


def test_a_bad_file_takes_the_place_of_the_shipped_template_it_would_override(
    tmp_path: Path,
) -> None:
    (tmp_path / "anything.yaml").write_text("name: static\n")
    catalog = load_catalog(lab_python=PYTHON, directory=tmp_path)
    static = catalog.get("static")
    assert static is not None
    assert "anything.yaml: title: Field required" in static.unavailable
    assert "static" not in catalog.definitions


def test_only_so_many_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_module, "MOST_FILES", 2)
    for number in range(3):
        text = GOOD.replace("name: mine", f"name: lab-{number}")
        (tmp_path / f"{number}.yaml").write_text(text)
    catalog = load_catalog(lab_python=PYTHON, directory=tmp_path)
    assert catalog.get("lab-1") is not None
    assert catalog.get("lab-2") is None
    assert any("only the first 2 files are read" in one.unavailable for one in catalog.all())


def test_a_module_that_cannot_even_be_looked_for_is_that_templates_fault_only(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD + "requires: {modules: [no.such.parent, '']}\n")
    (tmp_path / "yours.yaml").write_text(
        GOOD.replace("name: mine", "name: yours") + "requires: {modules: [sys]}\n"
    )
    catalog = load_catalog(lab_python=PYTHON, directory=tmp_path)
    yours = catalog.get("yours")
    assert yours is not None
    assert yours.unavailable == ""


@pytest.mark.parametrize("source", ["away", "away/inside.txt", "gone"])
def test_starter_files_do_not_lead_out_of_the_templates_directory(
    tmp_path: Path, source: str
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/inside.txt").write_text("a secret")
    (own / "away").symlink_to(tmp_path / "outside")
    (own / "gone").symlink_to("nothing")
    (own / "mine.yaml").write_text(GOOD + f"files: [{{source: {source}, target: x}}]\n")
    mine = load_catalog(lab_python=PYTHON, directory=own).get("mine")
    assert mine is not None
    assert "files.source" in mine.unavailable
