"""The command line, `labctl`: the entry point of the service."""

import asyncio
import logging
import os
import sys
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from api.command_line.audit_commands import audit as audit_commands
from api.command_line.compare_commands import diff
from api.command_line.connection import connection_in
from api.command_line.endings import BROKEN, UNANSWERED, UNUSABLE, in_one_line, settings_given
from api.command_line.log_commands import adopt, backup, mend, restore
from api.command_line.moment_words import ALLOWED, moment_of
from api.command_line.past_commands import acts, history, replay, usage, why
from api.command_line.printing import Output, printed
from api.command_line.progress_line import ProgressLine
from api.command_line.question import LabQuestion, answer_to, named
from api.command_line.unknown_commands import discard
from api.server.server import serve_until_stopped
from infrastructure.codec.proof import Proof
from infrastructure.data_directory.claim import database_in
from infrastructure.data_directory.kubeconfig import (
    CONTEXT,
    merge_kubeconfig,
    read_kubeconfig,
)
from infrastructure.process.doctor import examine, report
from infrastructure.setting_values import SQLITE
from infrastructure.settings import Settings, unknown_variables
from infrastructure.speed.thawed_values import OFTEN_MADE, thaw
from infrastructure.sqlite.audit import audit
from infrastructure.system_clock import SystemClock
from infrastructure.telemetry.logs import start_logging
from infrastructure.telemetry.redaction import Redactor
from infrastructure.unusable import Unusable
from infrastructure.wiring.adapters import process_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (backup, restore, mend, adopt, discard):
    app.command()(command)
app.add_typer(audit_commands, name="audit")
for asking in (diff, history, why, replay, acts, usage):
    app.command(context_settings={"ignore_unknown_options": True})(asking)  # -2d is a moment


@app.callback()
def labctl() -> None:
    """Lab Resource Manager: declared labs, made real, watched, repaired and accounted for."""


@app.command()
def serve() -> None:
    """Run the service until SIGTERM or Ctrl-C. Configured by LAB_* variables."""
    settings = settings_given()
    for line in unknown_variables(os.environ):
        typer.echo(f"labctl: {line}", err=True)

    redactor = Redactor()
    writer = start_logging(sys.stderr, level=settings.log_level, redactor=redactor)
    try:
        thaw(OFTEN_MADE)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve_until_stopped(settings, redactor))
    except Unusable as refusal:
        writer.close()
        typer.echo(f"labctl: {refusal}", err=True)
        raise typer.Exit(UNUSABLE) from None
    finally:
        writer.close()


@app.command()
def verify() -> None:
    """Prove that the recorded history is what was written: every event, every hash.

    Reads only, and may run beside the service. Exits with 1 at the first break.
    """
    settings = settings_given()
    logging.disable()
    with in_one_line(), ProgressLine("verifying", sys.stderr) as line:
        if settings.event_store == SQLITE:
            found = audit(database_in(settings.data_dir), line)
        else:
            found = asyncio.run(_verified_server(settings, line))
    typer.echo(
        f"{found.events} events in {found.streams} streams are what was written, "
        f"up to position {found.position}"
    )


@app.command()
def rebuild(
    take_over: Annotated[
        bool, typer.Option(help="Replace the views even if they are of another log of events.")
    ] = False,
) -> None:
    """Make the views again from the log, compare them with those in use, and switch.

    With an embedded store the service must be stopped; with servers it may go on.
    """
    from infrastructure.upkeep.rebuilding import rebuild_views  # noqa: PLC0415  loads clients

    settings = settings_given()
    logging.disable()  # what goes wrong is printed in one line, by the error
    with in_one_line(), ProgressLine("rebuilding", sys.stderr) as line:
        found = asyncio.run(rebuild_views(settings, take_over=take_over, report=line))
    typer.echo(
        f"{found.views} views are made anew, up to position {found.position}; "
        f"{found.differing} of those before were different"
        + (f"; they could not be read ({found.unreadable})" if found.unreadable else "")
    )
    for key in found.examples:
        typer.echo(f"different: {key.namespace}/{key.name}")


@app.command()
def copy(
    source: Annotated[
        str | None, typer.Option("--from", help="sqlite, a data directory, or an address.")
    ] = None,
    target: Annotated[str | None, typer.Option("--to", help="As --from.")] = None,
) -> None:
    """Copy a history into another event store, and prove that it is the same there.

    What is not named is LAB_EVENT_STORE. No service may work on either. An interrupted copy
    goes on when it is started again.
    """
    from infrastructure.upkeep.moving import copy_between  # noqa: PLC0415  loads clients

    settings = settings_given()
    logging.disable()
    with in_one_line(), ProgressLine("", sys.stderr) as line:
        moving = copy_between(settings, source=source, target=target, report=line.named)
        found = asyncio.run(moving)
    typer.echo(
        f"{found.events} events in {found.streams} streams are the same in both; "
        f"{found.already} of them were there before"
    )


@app.command()
def kubeconfig(
    merge: Annotated[
        Path | None, typer.Option(help="Put the entries into this file instead of printing.")
    ] = None,
) -> None:
    """Print the kubeconfig of the service, with its token, or merge it into another."""
    data_dir = settings_given().data_dir
    with in_one_line():
        if merge is None:
            typer.echo(read_kubeconfig(data_dir), nl=False)
            return
        in_use = merge_kubeconfig(data_dir, merge.expanduser())
    typer.echo(f"{merge} has the context {CONTEXT}; the one in use is {in_use}")


@app.command()
def get(
    *,
    what: Annotated[list[str], typer.Argument(help="labs, or lab NAME")],
    at: Annotated[str, typer.Option(help=f"{ALLOWED}. Now if left out.")] = "",
    namespace: Annotated[str, typer.Option("--namespace", "-n")] = "default",
    all_namespaces: Annotated[bool, typer.Option("--all-namespaces", "-A")] = False,
    selector: Annotated[str, typer.Option("--selector", "-l", help="A label selector.")] = "",
    output: Annotated[Output, typer.Option("--output", "-o")] = Output.TABLE,
) -> None:
    """Ask the running service for labs as they are, or as they were at any moment."""
    with in_one_line(unusable=UNANSWERED):
        name = named(what)
        everywhere = all_namespaces and name is None
        question = LabQuestion(
            namespace=None if everywhere else namespace,
            name=name,
            selector=selector,
            at=at,
            moment=moment_of(at, now=SystemClock().now(), zone=None) if at else None,
        )
        connection = connection_in(read_kubeconfig(settings_given().data_dir))
        answer = answer_to(connection, question, table=output.tabular)
    if output.tabular and not answer["rows"]:
        typer.echo("No labs found.", err=True)
        return
    typer.echo(printed(answer, output, namespaces=everywhere))


@app.command()
def doctor() -> None:
    """Report how labs can be confined here, what is missing, and what to do about it.

    Runs without the service, and changes nothing. Exits with 1 when what LAB_ISOLATION
    demands cannot be had.
    """
    settings = settings_given()
    with in_one_line():
        found = examine(process_settings(settings))
    for line in report(found):
        typer.echo(line)
    raise typer.Exit(0 if found.met else BROKEN)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(distribution_version("lab-resource-manager"))


async def _verified_server(settings: Settings, line: ProgressLine) -> Proof:
    from infrastructure.upkeep.verifying import verify_server  # noqa: PLC0415  loads clients

    return await verify_server(settings, line)
