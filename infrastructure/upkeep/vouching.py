"""Who is trusted about a log, and where notes of it are: as settings and a person name them."""

from dataclasses import dataclass
from pathlib import Path

from domain.log_tree.checkpoint import LogCheckpoint
from infrastructure.auditing.vouched import Source
from infrastructure.data_directory.claim import database_in
from infrastructure.notary.audit_key import trusted_keys
from infrastructure.notary.note_file import NOTES, notes_in
from infrastructure.notary.remembered import Memory, Remembered
from infrastructure.notary.witness import ForkedLog, named_key, signed
from infrastructure.setting_values import SQLITE
from infrastructure.settings import Settings
from infrastructure.sqlite.audit import BrokenLog
from infrastructure.unusable import Unusable
from infrastructure.upkeep.auditing import Audited, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a person names: a verifier key, a file with notes from elsewhere, a note to begin
    after. Empty: none."""

    key: str = ""
    anchor: Path | None = None
    since: Path | None = None


def wanted_by(settings: Settings, named: Named, memory: Memory) -> Wanted:
    """Raises Unusable, OSError."""
    keys = named_key(named.key) if named.key else trusted_keys(settings.data_dir)
    sources = [_of_file(settings.data_dir / NOTES, own=True)]
    anchor = settings.audit_anchor
    if anchor and "://" not in anchor:
        sources.append(_of_file(Path(anchor), own=False))
    if named.anchor is not None:
        if not named.anchor.exists():
            raise Unusable(f"--anchor: there is no file {str(named.anchor)!r}")
        sources.append(_of_file(named.anchor, own=False))
    if known := memory.recall(place_of(settings)):
        sources.append(Source(name="what is remembered here", notes=[known.note], own=False))
    return Wanted(keys=keys, sources=sources, since=_since(named.since, keys))


def place_of(settings: Settings) -> str:
    """How the log is called in a person's memory."""
    if settings.event_store == SQLITE:
        return str(database_in(settings.data_dir).resolve())
    return f"the event store of {settings.data_dir.resolve()}"


def remember(settings: Settings, found: Audited, wanted: Wanted, memory: Memory) -> None:
    """Demand from now on that the log goes on from its largest checkpoint. Raises OSError."""
    if found.last is None:
        return
    notes = (note for source in wanted.sources for note in source.notes)
    for note in notes:
        if note.startswith(found.last.text):
            shown = signed(note, wanted.keys)
            known = Remembered(service=place_of(settings), key=str(shown.key), note=note)
            memory.keep(known)
            return


def _since(path: Path | None, keys: frozenset[bytes]) -> LogCheckpoint | None:
    if path is None:
        return None
    notes = notes_in(path)
    if not notes:
        raise Unusable(f"--since: there is no signed note in {str(path)!r}")
    try:
        return signed(notes[-1], keys).checkpoint
    except ForkedLog as error:
        raise BrokenLog(f"--since: {error}") from None


def _of_file(path: Path, *, own: bool) -> Source:
    return Source(name=path.name, notes=notes_in(path), own=own)
