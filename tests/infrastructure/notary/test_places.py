"""Where notes are left: files, addresses, and a person's own memory."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from application.ports.signed_checkpoints import AnchorFailed
from infrastructure.memory.signed_checkpoints import MemorySignedCheckpoints
from infrastructure.notary.doubled_checkpoints import DoubledCheckpoints
from infrastructure.notary.note_file import NoteFile, notes_in
from infrastructure.notary.remembered import Memory, Remembered, UnusableMemory
from infrastructure.notary.web_anchor import WebAnchor

NOTES = ("a\n\n\u2014 log AAAA\n", "b\nc\n\n\u2014 log AAAA\n")
_KNOWN = Remembered(service="https://labs", key="a+b+c", note=NOTES[0])


class _Collector(HTTPServer):
    """Takes one method, and keeps what came."""

    def __init__(self, method: str, code: int) -> None:
        self.method, self.code, self.came = method, code, list[tuple[str, str]]()
        super().__init__(("127.0.0.1", 0), _Taking)


class _Taking(BaseHTTPRequestHandler):
    def _take(self) -> None:
        collector = self.server
        assert isinstance(collector, _Collector)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fits = self.command == collector.method
        if fits:
            collector.came.append((self.command, body))
        self.send_response(collector.code if fits else 405)
        self.end_headers()

    do_POST = do_PUT = _take  # noqa: N815  as the standard library looks for them

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@contextmanager
def collecting(method: str = "POST", code: int = 204) -> Iterator[tuple[_Collector, str]]:
    with _Collector(method, code) as collector:
        serving = threading.Thread(target=collector.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield collector, f"http://127.0.0.1:{collector.server_port}/in?token=s3cret"
        finally:
            collector.shutdown()
            serving.join()


async def test_notes_are_added_to_a_file_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    anchor = NoteFile(path)
    for note in (NOTES[0], NOTES[1], NOTES[1]):
        await anchor.bring(note)
    assert tuple(notes_in(path)) == NOTES
    assert path.stat().st_mode & 0o777 == 0o600
    assert notes_in(tmp_path / "absent") == ()


async def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnchorFailed, match="the file 'notes': No such file or directory"):
        await NoteFile(tmp_path / "gone" / "notes").bring(NOTES[0])


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_notes_are_sent_to_an_address(method: str) -> None:
    with collecting(method) as (collector, url):
        anchor = WebAnchor(url)
        for note in NOTES:
            await anchor.bring(note)
    assert collector.came == [(method, note) for note in NOTES]


async def test_an_address_that_refuses_is_told_by_its_host_alone() -> None:
    answered = pytest.raises(AnchorFailed, match=r"127\.0\.0\.1 answered 500")
    with collecting(code=500) as (_, url), answered as told:
        await WebAnchor(url).bring(NOTES[0])
    assert "s3cret" not in str(told.value)


async def test_an_address_where_nobody_listens_is_told() -> None:
    with pytest.raises(AnchorFailed, match=r"127\.0\.0\.1 does not answer: ConnectError"):
        await WebAnchor("http://127.0.0.1:9/in").bring(NOTES[0])


async def test_a_file_that_does_not_answer_is_not_waited_for_twice(tmp_path: Path) -> None:
    anchor = NoteFile(tmp_path / "notes")
    waiting = asyncio.create_task(anchor.bring(NOTES[0]))
    await asyncio.sleep(0)
    with pytest.raises(AnchorFailed, match="does not answer"):
        await anchor.bring(NOTES[1])
    await waiting


async def test_checkpoints_stand_in_the_file_as_well(tmp_path: Path) -> None:
    path, inner = tmp_path / "notes", MemorySignedCheckpoints()
    doubled = DoubledCheckpoints(inner, path)
    await doubled.keep(1, NOTES[0])
    latest = await doubled.latest()
    assert latest is not None
    assert [latest.note] == list(notes_in(path)) == [NOTES[0]]
    assert await doubled.page(before=None, limit=2) == [latest]


async def test_a_file_that_cannot_be_written_keeps_no_checkpoint_back(tmp_path: Path) -> None:
    inner = MemorySignedCheckpoints()
    await DoubledCheckpoints(inner, tmp_path / "gone" / "notes").keep(1, NOTES[0])
    assert await inner.latest() is not None


def test_a_service_is_remembered_for_its_user_alone(tmp_path: Path) -> None:
    memory = Memory.of_user({"XDG_STATE_HOME": str(tmp_path)})
    assert memory.recall("https://labs") is None
    memory.keep(_KNOWN)
    assert memory.recall("https://labs") == _KNOWN
    assert memory.recall("https://others") is None
    [path] = tmp_path.rglob("*.json")
    assert path.stat().st_mode & 0o777 == 0o600
    memory.forget("https://labs")
    assert memory.recall("https://labs") is None


def test_a_damaged_memory_is_told_and_not_forgotten(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(_KNOWN)
    [path] = tmp_path.glob("*.json")
    path.write_text("{}")
    with pytest.raises(UnusableMemory, match="remove it to begin anew"):
        memory.recall("https://labs")
