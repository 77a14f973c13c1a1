"""Log lines: their form, what they carry, what they never tell, and that they hold nobody up."""

import io
import json
import logging
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from infrastructure.telemetry.log_context import About
from infrastructure.telemetry.logs import LogWriter, start_logging
from infrastructure.telemetry.redaction import Redactor


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class StuckStream(io.StringIO):
    """A stream whose reader does not read until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def write(self, text: str) -> int:
        self.released.wait(10)
        return super().write(text)


class FullDisk(io.StringIO):
    """A stream on a disk that has no room until some is made."""

    full = True

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(capture=False)
    for handler in root.handlers:
        if isinstance(handler, LogWriter):
            handler.close()
    root.handlers, root.level = handlers, level


def lines_of(stream: io.StringIO, writer: LogWriter) -> list[dict[str, Any]]:
    writer.flush()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_the_fields_it_was_given() -> None:
    stream = io.StringIO()
    writer = start_logging(stream, level="info", redactor=Redactor())
    logging.getLogger("some.module").warning("it\nhappened", extra={"lab": "a/b", "delay": 1.5})
    (line,) = lines_of(stream, writer)
    assert line["message"] == "it\nhappened"
    assert (line["level"], line["logger"]) == ("warning", "some.module")
    assert (line["lab"], line["delay"]) == ("a/b", 1.5)
    assert line["time"].endswith("Z")


def test_a_line_carries_what_its_task_is_about() -> None:
    stream = io.StringIO()
    writer = start_logging(stream, level="info", redactor=Redactor())
    outer, inner = {"lab": "a/b", "traceId": "1"}, {"traceId": "2"}
    with About(lambda: outer), About(lambda: inner):
        logging.getLogger("x").info("inside")
    logging.getLogger("x").info("outside")
    inside, outside = lines_of(stream, writer)
    assert (inside["lab"], inside["traceId"]) == ("a/b", "2")
    assert "lab" not in outside


def test_fields_of_a_line_win_over_its_context() -> None:
    stream = io.StringIO()
    writer = start_logging(stream, level="info", redactor=Redactor())
    with About(lambda: {"lab": "a/b"}):
        logging.getLogger("x").info("m", extra={"lab": "c/d"})
    (line,) = lines_of(stream, writer)
    assert line["lab"] == "c/d"


def test_libraries_and_warnings_go_the_same_way() -> None:
    stream = io.StringIO()
    writer = start_logging(stream, level="info", redactor=Redactor())
    logging.getLogger("uvicorn.error").info("started")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", stacklevel=1)
    told = lines_of(stream, writer)
    assert [line["logger"] for line in told] == ["uvicorn.error", "py.warnings"]


def test_an_exception_is_part_of_its_line() -> None:
    stream = io.StringIO()
    writer = start_logging(stream, level="info", redactor=Redactor())
    try:
        raise ValueError("for ann@example.org")
    except ValueError:
        logging.getLogger("x").exception("it broke")
    (line,) = lines_of(stream, writer)
    assert "ValueError: for [e-mail]" in line["exception"]


def test_a_terminal_gets_one_readable_line_without_its_control_characters() -> None:
    stream = Terminal()
    writer = start_logging(stream, level="info", redactor=Redactor())
    logging.getLogger("x").info("lab\x1b[2J \r\nready", extra={"lab": "a/b"})
    writer.flush()
    (line,) = stream.getvalue().splitlines()
    assert line.endswith("info    lab\\x1b[2J \\x0d\\x0aready  lab=a/b")


def test_lines_below_the_level_are_not_written() -> None:
    stream = io.StringIO()
    writer = start_logging(stream, level="warning", redactor=Redactor())
    logging.getLogger("x").info("quiet")
    assert lines_of(stream, writer) == []


def test_a_value_that_is_no_text_is_told_as_text() -> None:
    stream = io.StringIO()
    writer = start_logging(stream, level="info", redactor=Redactor())
    logging.getLogger("x").info("m", extra={"who": {"mail": "ann@example.org"}, "n": None})
    (line,) = lines_of(stream, writer)
    assert line["who"] == "{'mail': '[e-mail]'}"
    assert line["n"] == "None"


def test_a_line_that_cannot_be_encoded_is_still_told() -> None:
    stream = io.StringIO()
    writer = start_logging(stream, level="info", redactor=Redactor())
    logging.getLogger("x").info("half a character \ud800")
    (line,) = lines_of(stream, writer)
    assert line["message"] == "half a character \ud800"


def test_a_reader_that_does_not_read_holds_nobody_up() -> None:
    stream = StuckStream()
    writer = start_logging(stream, level="info", redactor=Redactor())
    started = time.monotonic()
    for _ in range(25_000):
        logging.getLogger("x").info("m")
    assert time.monotonic() - started < 8
    stream.released.set()
    told = lines_of(stream, writer)
    logging.getLogger("x").info("after")
    told = lines_of(stream, writer)
    dropped = [line["lines"] for line in told if line["message"] == "log lines were dropped"]
    assert sum(dropped) + len(told) - len(dropped) == 25_001
    assert sum(dropped) > 0


def test_a_full_disk_costs_lines_and_says_so_later() -> None:
    stream = FullDisk()
    writer = start_logging(stream, level="info", redactor=Redactor())
    logging.getLogger("x").info("lost")
    writer.flush()
    stream.full = False
    logging.getLogger("x").info("kept")
    kept, confession = lines_of(stream, writer)
    assert kept["message"] == "kept"
    assert confession["lines"] == 1


def test_closing_writes_what_waits() -> None:
    stream = io.StringIO()
    writer = start_logging(stream, level="info", redactor=Redactor())
    logging.getLogger("x").info("last words")
    writer.close()
    assert "last words" in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mail ann@example.org now", "mail [e-mail] now"),
        ("mail 'ann.b+c@ex-ample.org'", "mail '[e-mail]'"),
        ("?fieldSelector=spec.studentEmail%3Dann%40example.org", None),
        ("/labs?studentEmail=ann%40example.org&x=1", "/labs?studentEmail=[e-mail]&x=1"),
        ("http://127.0.0.1:2718/?access_token=abc123&x=1", None),
        ("Authorization: Bearer abc123", "Authorization: Bearer [secret]"),
        ("the secret is 0123456789abcdef.", "the secret is [secret]."),
        ("nothing to hide, LAB_HOST=127.0.0.1", "nothing to hide, LAB_HOST=127.0.0.1"),
    ],
)
def test_addresses_tokens_and_secrets_are_blanked(text: str, told: str | None) -> None:
    redactor = Redactor()
    redactor.conceal("0123456789abcdef")
    cleaned = redactor.clean(text)
    for secret in ("ann", "abc123", "0123456789abcdef"):
        assert secret not in cleaned
    if told is not None:
        assert cleaned == told


def test_a_short_text_is_no_secret() -> None:
    redactor = Redactor()
    redactor.conceal("lab")
    assert redactor.clean("lab ready") == "lab ready"
