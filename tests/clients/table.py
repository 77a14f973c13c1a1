"""The table of clients and features, and the figures of the load, printed at the end of a run
that had any of them."""

from collections.abc import Mapping, Sequence

import pytest

from tests.clients.rows import Row

PROPERTY = "client and feature"
FIGURES = "figures"
FAILED = "FAILED"
_NOT_EXERCISED = "-"

Cells = Mapping[tuple[str, str], str]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table and the figures."""
    cells = _cells(terminalreporter.stats)
    if cells:
        terminalreporter.section("clients of the Kubernetes API")
        for line in told(cells):
            terminalreporter.write_line(line)
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            if name == FIGURES:
                terminalreporter.write_line(value)


def told(cells: Cells) -> Sequence[str]:
    """The lines of the table: a row for each feature, a column for each client."""
    clients = sorted({client for client, _ in cells})
    table = [["", *clients]] + [
        [row, *(cells.get((client, row), _NOT_EXERCISED) for client in clients)] for row in Row
    ]
    widths = [max(len(line[column]) for line in table) for column in range(len(clients) + 1)]
    return [_line(line, widths) for line in table]


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{text:<{width}}" for text, width in zip(line, widths, strict=True)).rstrip()


def _cells(stats: Mapping[str, Sequence[object]]) -> dict[tuple[str, str], str]:
    cells: dict[tuple[str, str], str] = {}
    for outcome in ("passed", "failed", "error"):  # a failure is told, whatever else passed
        for report in stats.get(outcome, ()):
            for name, value in getattr(report, "user_properties", ()):
                if name == PROPERTY:
                    client, row, expected = value
                    cells[client, row] = expected if outcome == "passed" else FAILED
    return cells
