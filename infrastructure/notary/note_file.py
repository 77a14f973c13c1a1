"""Signed notes one after the other in a file that is only ever added to."""

import asyncio
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from application.ports.signed_checkpoints import AnchorFailed
from infrastructure.unusable import reason_of

NOTES = "checkpoints.notes"
_PATIENCE = 5.0


class NoteFile:
    """The Anchor contract on a file, such as on another machine's disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing: asyncio.Future[None] | None = None

    async def bring(self, note: str) -> None:
        if self._writing is not None and not self._writing.done():
            raise AnchorFailed(f"the file {self._path.name!r} does not answer")
        self._writing = self._begun(note)
        try:
            async with asyncio.timeout(_PATIENCE):
                await asyncio.shield(self._writing)
        except OSError as error:
            reason = reason_of(error) or "it does not answer"
            raise AnchorFailed(f"the file {self._path.name!r}: {reason}") from None

    def _begun(self, note: str) -> asyncio.Future[None]:
        """A thread of its own, which a disk that hangs keeps, and the end of the process not."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def write() -> None:
            trouble: OSError | None = None
            try:
                add_note(self._path, note)
            except OSError as error:
                trouble = error
            with suppress(RuntimeError):  # a loop that is gone waits for nothing
                loop.call_soon_threadsafe(_settle, done, trouble)

        threading.Thread(target=write, name="anchor", daemon=True).start()
        return done


def _settle(done: asyncio.Future[None], trouble: OSError | None) -> None:
    if not done.done():
        done.set_exception(trouble) if trouble else done.set_result(None)


def add_note(path: Path, note: str) -> None:
    """Put the note at the end of the file, which is made if need be, on the disk. One that
    is there last is not added again. Raises OSError."""
    whole = f"{note}\n".encode()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if os.pread(descriptor, len(whole), max(0, size - len(whole))) != whole:
            os.write(descriptor, whole)
            os.fdatasync(descriptor)
    finally:
        os.close(descriptor)


def notes_in(path: Path) -> Sequence[str]:
    """The notes in the file, the oldest first; the last one may be cut. None where there is no
    file. Raises OSError."""
    try:
        content = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ()
    parts = content.split("\n\n")
    return [f"{text}\n\n{under}\n" for text, under in zip(parts[::2], parts[1::2], strict=False)]
