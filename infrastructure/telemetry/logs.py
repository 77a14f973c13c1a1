"""Where log lines go: through one handler, written by a thread that may block so that
nobody else does."""

import logging
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import TextIO

from infrastructure.telemetry.log_format import JsonFormat, ReadableFormat
from infrastructure.telemetry.redaction import Redactor

_WAITING_AT_MOST = 20_000
_BATCH = 5000
_MOMENT = 0.02
_FLUSH_SECONDS = 2.0
_TALKATIVE = ("uvicorn.access", "httpx", "httpcore", "asyncio")


class LogWriter(logging.Handler):
    """Formats where the line was logged, writes in a thread of its own.

    A reader that does not read (a full pipe, a stopped terminal) costs lines, whose number
    is reported afterwards, and never holds up the service.
    """

    def __init__(self, stream: TextIO, formatter: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self._stream = stream
        self._lines: SimpleQueue[str | threading.Event | None] = SimpleQueue()
        self._dropped = 0
        self._closed = False
        self._hurry = threading.Event()
        self._thread = threading.Thread(target=self._write, name="log-writer", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take the line, or count it as dropped when too many wait."""
        if self._lines.qsize() >= _WAITING_AT_MOST:
            self._dropped += 1
            return
        try:
            self._lines.put(self.format(record))
        except Exception:  # noqa: BLE001  a line that cannot be formatted must not stop its author
            self.handleError(record)

    def flush(self) -> None:
        """Wait, for a while, until the lines taken so far are written."""
        if self._thread.is_alive():
            written = threading.Event()
            self._lines.put(written)
            self._hurry.set()
            written.wait(_FLUSH_SECONDS)

    def close(self) -> None:
        """Write what waits and end the thread."""
        if not self._closed:
            self._closed = True
            self._lines.put(None)
            self._hurry.set()
            self._thread.join(_FLUSH_SECONDS)
        super().close()

    def _write(self) -> None:
        while True:
            taken = self._take()
            lines = [item for item in taken if isinstance(item, str)]
            if self._dropped:
                lines.append(self._confession())
            self._put_out(lines)
            for item in taken:
                if isinstance(item, threading.Event):
                    item.set()
            if None in taken:
                return

    def _take(self) -> Sequence[str | threading.Event | None]:
        taken = [self._lines.get()]
        # Lines come in bursts: waiting a moment for the rest costs their authors far less
        # than a thread that wakes for every line (decision 9).
        self._hurry.wait(_MOMENT)
        self._hurry.clear()
        try:
            while len(taken) < _BATCH:
                taken.append(self._lines.get_nowait())
        except Empty:
            pass
        return taken

    def _put_out(self, lines: Sequence[str]) -> None:
        if not lines:
            return
        try:
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            self._dropped += len(lines)

    def _confession(self) -> str:
        dropped, self._dropped = self._dropped, 0
        record = logging.makeLogRecord(
            {"name": __name__, "levelno": logging.WARNING, "levelname": "WARNING"}
            | {"msg": "log lines were dropped", "lines": dropped}
        )
        return self.format(record)


def start_logging(stream: TextIO, *, level: str, redactor: Redactor) -> LogWriter:
    """Send every log line of this process, libraries' and warnings included, to `stream`.

    JSON, unless the stream is a terminal. Close what is returned when the process ends.
    """
    formatter = ReadableFormat(redactor) if stream.isatty() else JsonFormat(redactor)
    writer = LogWriter(stream, formatter)
    root = logging.getLogger()
    root.handlers = [writer]
    root.setLevel(level.upper())
    # Nobody reads these, and looking them up costs every line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    return writer
