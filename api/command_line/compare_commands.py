"""What the command line asks about two moments."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from api.command_line.connection import Connection, connection_in
from api.command_line.endings import UNANSWERED, in_one_line, settings_given
from api.command_line.moment_words import ALLOWED, moment_of
from infrastructure.data_directory.kubeconfig import read_kubeconfig
from infrastructure.system_clock import SystemClock

_DIFFERENCES = "/apis/audit.lab.neuroglia.com/v1/differences"
_SIGNS = {"created": "+", "gone": "-", "changed": "~"}


def diff(
    earlier: Annotated[str, typer.Argument(metavar="FROM", help=ALLOWED)],
    later: Annotated[str, typer.Argument(metavar="TO", help="As FROM.")] = "now",
    *,
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="All if left out.")] = "",
    selector: Annotated[str, typer.Option("--selector", "-l", help="A label selector.")] = "",
) -> None:
    """Tell which labs came, went and changed between two moments, and what changed."""
    with in_one_line(unusable=UNANSWERED):
        now = SystemClock().now()
        begin, end = (moment_of(text, now=now, zone=None) for text in (earlier, later))
        query = {"from": _named(begin), "to": _named(end)}
        query |= {"namespace": namespace} if namespace else {}
        query |= {"labelSelector": selector} if selector else {}
        connection = connection_in(read_kubeconfig(settings_given().data_dir))
        if not _print_all(connection, query):
            typer.echo("No differences.", err=True)


def _print_all(connection: Connection, query: Mapping[str, str]) -> int:
    """Page by page, as they come; how many there were."""
    printed, token = 0, ""
    while True:
        page = connection.ask(
            _DIFFERENCES, {**query, "continue": token} if token else query, accept="*/*"
        )
        for item in page["items"]:
            _print(item)
        printed += len(page["items"])
        token = page["metadata"].get("continue", "")
        if not token:
            return printed


def _print(item: Mapping[str, Any]) -> None:
    sign, place = _SIGNS[item["change"]], f"{item['namespace']}/{item['name']}"
    typer.echo(f"{sign} {place} ({item['state']})")
    for field in item.get("fields", ()):
        before, after = _value(field.get("before")), _value(field.get("value"))
        typer.echo(f"    {field['path']}: {before} -> {after}")


def _value(value: object) -> str:
    return "-" if value is None else " ".join(str(value).split())


def _named(moment: int | datetime) -> str:
    return str(moment) if isinstance(moment, int) else moment.isoformat()
