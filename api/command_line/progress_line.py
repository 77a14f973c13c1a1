"""How far a command has come, for who waits: a bar on a terminal, else a line now and then."""

from types import TracebackType
from typing import TextIO

_WIDTH = 30


class ProgressLine:
    """Hears of positions and the last one, and shows the share; closes its line at the end."""

    def __init__(self, label: str, stream: TextIO) -> None:
        self._label = label
        self._stream = stream
        self._drawn = stream.isatty()
        self._shown = -1

    def named(self, label: str) -> "ProgressLine":
        """Begin a line of its own for the next part of the work."""
        self._end()
        self._label, self._shown = label, -1
        return self

    def __call__(self, position: int, end: int) -> None:
        """So far it has come. Nothing is written when nothing can be seen of it."""
        percent = 100 if position >= end else max(0, 100 * position // end)
        step = percent if self._drawn else percent // 25 * 25
        if step == self._shown:
            return
        self._shown = step
        if self._drawn:
            filled = "#" * (_WIDTH * percent // 100)
            self._write(f"\r{self._label} [{filled:<{_WIDTH}}] {percent:3d} %")
        else:
            self._write(f"{self._label}: {step} %\n")

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(
        self,
        type_: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self._drawn and self._shown >= 0:
            self._write("\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
