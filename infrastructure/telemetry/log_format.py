"""How a log record becomes text: one JSON object, or one line a person can read."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from infrastructure.telemetry.log_context import present_context
from infrastructure.telemetry.redaction import Redactor

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))}
_LEVELS = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}
_NUMBERS = (int, float, bool)
_DATE = "%Y-%m-%dT%H:%M:%S"
_encode = msgspec.json.Encoder().encode


class JsonFormat(logging.Formatter):
    """One JSON object a line: time, level, logger, message, context, extras, exception."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor
        self._second = 0
        self._second_as_text = ""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON, redacted."""
        clean = self._redactor.clean
        line: dict[str, object] = {
            "time": self._moment(record),
            "level": _LEVELS.get(record.levelno, record.levelname),
            "logger": record.name,
            "message": clean(record.getMessage()),
        }
        for name, value in _fields(record).items():
            line[name] = value if type(value) in _NUMBERS else clean(str(value))
        if record.exc_info:
            line["exception"] = clean(self.formatException(record.exc_info))
        try:
            return _encode(line).decode()
        except UnicodeEncodeError:  # half a character, which only JSON's escapes can write
            return json.dumps(line)

    def _moment(self, record: logging.LogRecord) -> str:
        second = int(record.created)
        if second != self._second:  # lines come by the thousand a second; dates do not
            self._second_as_text = datetime.fromtimestamp(second, UTC).strftime(_DATE)
            self._second = second
        return f"{self._second_as_text}.{int(record.msecs):03d}Z"


class ReadableFormat(logging.Formatter):
    """Time, level, message and fields on one line; an exception follows on lines of its own."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, redacted; control characters are shown, not obeyed."""
        clean = self._redactor.clean
        tail = "".join(f"  {name}={value}" for name, value in _fields(record).items())
        when = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        level = _LEVELS.get(record.levelno, record.levelname)
        line = clean(f"{when} {level:<7} {record.getMessage()}{tail}").translate(_CONTROL)
        if record.exc_info:
            line = f"{line}\n{clean(self.formatException(record.exc_info))}"
        return line


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    given = vars(record)
    extras = given.keys() - _STANDARD
    context = present_context()
    return {**context, **{name: given[name] for name in extras}} if extras else context
