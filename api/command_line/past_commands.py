"""`labctl history`, `why`, `replay`, `acts` and `usage`: what is asked of the past of labs."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Any
from urllib.parse import quote

import typer

from api.command_line.connection import Connection, Unanswered, connection_in
from api.command_line.endings import UNANSWERED, in_one_line, settings_given
from api.command_line.moment_words import ALLOWED, moment_of
from api.command_line.printing import columns
from api.command_line.question import moment_query
from api.kubernetes.lab_kind import API_VERSION, AUDIT_API_VERSION, PLURAL
from infrastructure.data_directory.kubeconfig import read_kubeconfig
from infrastructure.system_clock import SystemClock

_JSON = "application/json"
_PAGE = "500"

Lab = Annotated[str, typer.Argument(help="lab/NAME")]
Namespace = Annotated[str, typer.Option("--namespace", "-n")]
Since = Annotated[str, typer.Option(help=f"{ALLOWED}.")]
Until = Annotated[str, typer.Option(help="As --since; not included.")]


class Lines(Enum):
    """How many things are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


_FORMS = {Lines.JSON: "application/x-ndjson", Lines.CSV: "text/csv"}


def history(
    lab: Lab,
    namespace: Namespace = "default",
    *,
    newest: Annotated[bool, typer.Option("--newest", help="The newest first.")] = False,
    since: Since = "",
    until: Until = "",
    output: Annotated[Lines, typer.Option("--output", "-o")] = Lines.TABLE,
) -> None:
    """Print what happened to a lab, event by event, also of one that is long gone."""
    query = {"order": "newest" if newest else "oldest", **_span(since, until)}
    with in_one_line(unusable=UNANSWERED):
        for entry in _entries(_connection(), _path(lab, namespace), query):
            typer.echo(json.dumps(entry) if output is not Lines.TABLE else _line(entry))


def why(
    lab: Lab,
    namespace: Namespace = "default",
    at: Annotated[str, typer.Option(help=f"{ALLOWED}. Now if left out.")] = "",
) -> None:
    """Say why a lab is as it is, or was at a moment: down to the person or loop that began it."""
    with in_one_line(unusable=UNANSWERED):
        query = moment_query(_moment(at) if at else None)
        told = _connection().ask(f"{_path(lab, namespace)}/why", query, accept=_JSON)
    message = f": {told['message']}" if told["message"] else ""
    typer.echo(f"{told['metadata']['name']} is {told['state']} since {told['since']}{message}")
    for depth, sentence in enumerate(told["sentences"], 1):
        typer.echo(f"{'  ' * depth}{'because ' if depth > 1 else ''}{sentence}")
    if told.get("more"):
        typer.echo("  and there are causes before these")


def replay(
    lab: Lab,
    namespace: Namespace = "default",
    *,
    step: Annotated[bool, typer.Option("--step", help="Wait for Enter between states.")] = False,
) -> None:
    """Walk through the life of a lab, state by state, with what each event changed."""
    with in_one_line(unusable=UNANSWERED):
        for entry in _entries(_connection(), _path(lab, namespace), {"order": "oldest"}):
            typer.echo(_line(entry))
            for change in entry["difference"]:
                typer.echo(f"    {_change(change)}")
            if step and sys.stdin.isatty() and not sys.stdin.readline():
                return


def acts(
    *,
    actor: Annotated[str, typer.Option(help="Who did it.")] = "",
    verb: Annotated[str, typer.Option(help="create, delete, access, …; with commas.")] = "",
    namespace: Annotated[str, typer.Option("--namespace", "-n")] = "",
    since: Since = "",
    until: Until = "",
    output: Annotated[Lines, typer.Option("--output", "-o")] = Lines.TABLE,
) -> None:
    """Print who did what to what, the newest first: the last hundred in a table, all as JSON
    lines or CSV."""
    most = "100" if output is Lines.TABLE else ""
    query = {"actor": actor, "verb": verb, "namespace": namespace, "limit": most}
    shown = ("time", "actor", "verb", "type", "namespace", "name")
    _print_lines("acts", {**query, **_span(since, until)}, output, shown)


def usage(
    *,
    by: Annotated[str, typer.Option(help="student, course, template, namespace or lab.")] = (
        "student"
    ),
    namespace: Annotated[str, typer.Option("--namespace", "-n")] = "",
    since: Annotated[str, typer.Option(help=f"{ALLOWED}. This month if left out.")] = "",
    until: Until = "",
    output: Annotated[Lines, typer.Option("--output", "-o")] = Lines.TABLE,
) -> None:
    """Print for how many hours labs were ready, summed up."""
    query = {"by": by, "namespace": namespace, **_span(since, until)}
    _print_lines("usage", query, output, (by, "hours", "labs"))


def _print_lines(
    what: str, query: Mapping[str, str], output: Lines, shown: tuple[str, ...]
) -> None:
    path = f"/apis/{AUDIT_API_VERSION}/{what}"
    form = _FORMS.get(output, _FORMS[Lines.JSON])
    with in_one_line(unusable=UNANSWERED):
        found = _connection().lines(path, _given(query), accept=form)
        if output is not Lines.TABLE:
            for line in found:
                typer.echo(line)
            return
        rows = [json.loads(line) for line in found]
    if not rows:
        typer.echo("Nothing found.", err=True)
        return
    head = [name.upper() for name in shown]
    typer.echo(columns([head, *([_cell(row.get(name)) for name in shown] for row in rows)]))


def _entries(
    connection: Connection, path: str, query: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    rest = ""
    while True:
        asked = _given({**query, "limit": _PAGE, "continue": rest})
        page = connection.ask(f"{path}/history", asked, accept=_JSON)
        yield from page["items"]
        rest = page["metadata"].get("continue", "")
        if not rest:
            break
    if unreadable := page.get("undecodable"):
        raise Unanswered(unreadable["error"])


def _line(entry: Mapping[str, Any]) -> str:
    return f"{entry['time']}  {entry['actor']}  {entry['sentence']}"


def _change(change: Mapping[str, Any]) -> str:
    before, after = (json.dumps(change.get(name)) for name in ("before", "value"))
    match change["op"]:
        case "remove":
            return f"{change['path']} is gone, was {before}"
        case "add":
            return f"{change['path'] or '/'} is now {after}"
        case _:
            return f"{change['path']} is now {after}, was {before}"


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _path(lab: str, namespace: str) -> str:
    """Of `lab/NAME`, or the name alone. Raises Unanswered."""
    kind, _, name = lab.rpartition("/")
    if kind not in ("", "lab", "labs", "labinstance") or not name:
        raise Unanswered(f"{lab!r} names no lab: say lab/NAME")
    inside = quote(namespace, safe="")
    return f"/apis/{API_VERSION}/namespaces/{inside}/{PLURAL}/{quote(name, safe='')}"


def _span(since: str, until: str) -> Mapping[str, str]:
    return {"since": _time(since), "until": _time(until)}


def _time(text: str) -> str:
    if not text:
        return ""
    moment = _moment(text)
    if isinstance(moment, int):
        raise Unanswered(f"{text!r} is a position; say a time here")
    return moment.isoformat()


def _moment(text: str) -> int | datetime:
    return moment_of(text, now=SystemClock().now(), zone=None)


def _given(query: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in query.items() if value}


def _connection() -> Connection:
    return connection_in(read_kubeconfig(settings_given().data_dir))
