"""What service and operator can rely on when they meet about labs that the log does not know."""

from pathlib import Path

import pytest

from application.ports.unknown_labs import OperatorsWord, UnknownLab, UnknownLabs
from domain.lab_instance.key import LabKey
from infrastructure.data_directory.unknown_labs import UnknownLabFiles, Verdict
from infrastructure.memory.unknown_labs import MemoryUnknownLabs

ADA = UnknownLab(lab=LabKey("class", "ada"), uid="uid-1", kept=False)
NOBODY = UnknownLab(lab=LabKey("", ""), uid="uid-2", kept=True)


@pytest.fixture(params=["memory", "files"])
async def unknown(request: pytest.FixtureRequest, tmp_path: Path) -> UnknownLabs:
    """Where uid-1 is discarded and uid-2 is kept."""
    if request.param == "memory":
        memory = MemoryUnknownLabs()
        memory.discarded, memory.kept = {"uid-1"}, {"uid-2"}
        return memory
    files = UnknownLabFiles(tmp_path)
    await files.tell([ADA, NOBODY])
    files.say(["uid-1"], Verdict.DISCARDED)
    files.say(["uid-2"], Verdict.KEPT)
    return files


async def test_a_word_holds_until_it_is_carried_out(unknown: UnknownLabs) -> None:
    said = OperatorsWord(kept=frozenset({"uid-2"}), discarded=frozenset({"uid-1"}))
    assert await unknown.word() == said
    for uid in ("uid-1", "uid-1", "uid-2", "../labs"):
        await unknown.carried_out(uid)
    assert await unknown.word() == OperatorsWord(kept=frozenset({"uid-2"}), discarded=frozenset())


async def test_a_list_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    files = UnknownLabFiles(tmp_path)
    assert files.listed() == ()
    await files.tell([])
    assert not files.directory.exists(), "nothing is made where nothing ever was unknown"
    await files.tell([ADA, NOBODY])
    assert files.listed() == [ADA, NOBODY]
    assert (files.directory.stat().st_mode & 0o777) == 0o700
    await files.tell([])
    assert files.listed() == []


async def test_a_later_word_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    files = UnknownLabFiles(tmp_path)
    await files.tell([ADA])
    files.say(["uid-1"], Verdict.DISCARDED)
    files.say(["uid-1"], Verdict.KEPT)
    (files.directory / "notes.discarded.txt").touch()
    assert await files.word() == OperatorsWord(kept=frozenset({"uid-1"}), discarded=frozenset())


@pytest.mark.parametrize("content", ["", "{", '[{"uid": 1}]', "7"])
def test_a_list_that_is_none_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    files = UnknownLabFiles(tmp_path)
    files.directory.mkdir()
    (files.directory / "labs.json").write_text(content)
    with pytest.raises(ValueError, match=r"[lE]"):
        files.listed()
