"""The operator's word: about what was listed, and never in place of a word about the log."""

from pathlib import Path

import pytest

from application.ports.event_store import EMPTY
from application.ports.unknown_labs import UnknownLab
from domain.lab_instance.key import LabKey
from infrastructure.data_directory.unknown_labs import UnknownLabFiles
from infrastructure.settings import Settings, read_settings
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.unusable import Unusable
from infrastructure.upkeep.unknown_labs import adopt_unknown, discard, undecided
from tests.contracts.given import SettableClock, created, new

LISTED = [
    UnknownLab(lab=LabKey("class", "ada"), uid="uid-1", kept=False),
    UnknownLab(lab=LabKey("class", "bob"), uid="uid-2", kept=True),
]


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    await UnknownLabFiles(tmp_path).tell(LISTED)
    return read_settings({"LAB_DATA_DIR": str(tmp_path)})


async def test_adopted_labs_are_discarded_only_by_their_uid(settings: Settings) -> None:
    assert undecided(settings) == LISTED[:1]
    assert undecided(settings, ["uid-2"]) == LISTED[1:]
    with pytest.raises(Unusable, match="'uid-3' is not among"):
        undecided(settings, ["uid-1", "uid-3"])


async def test_exactly_the_labs_that_were_shown_are_discarded(settings: Settings) -> None:
    shown = undecided(settings)
    await UnknownLabFiles(settings.data_dir).tell([])
    discard(settings, shown)
    word = await UnknownLabFiles(settings.data_dir).word()
    assert (word.discarded, word.kept) == ({"uid-1"}, set())


async def test_labs_are_adopted_only_beside_a_log_that_is_right(settings: Settings) -> None:
    (settings.data_dir / "labs" / "uid-1").mkdir(parents=True)
    assert adopt_unknown(settings) == (), "the log is missing: that is what adopting means then"
    assert (await UnknownLabFiles(settings.data_dir).word()).kept == set()
    database = SqliteDatabase.open(settings.data_dir / "labs.sqlite", clock=SettableClock())
    await SqliteEventStore(database).append(
        "labinstance-class/eve", [new(created("eve"))], expected=EMPTY
    )
    await database.close()
    assert adopt_unknown(settings) == LISTED[:1]
    assert (await UnknownLabFiles(settings.data_dir).word()).kept == {"uid-1"}


async def test_a_list_that_cannot_be_read_is_said_in_one_line(settings: Settings) -> None:
    (settings.data_dir / "unknown" / "labs.json").write_text("{")
    with pytest.raises(Unusable, match="the list of unknown labs cannot be read"):
        undecided(settings)
