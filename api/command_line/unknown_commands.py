"""What an operator says about labs that the log does not know."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from api.command_line.endings import in_one_line, settings_given
from application.ports.unknown_labs import UnknownLab
from domain.lab_instance.duration import format_duration
from infrastructure.unusable import Unusable


def discard(
    uids: Annotated[
        list[str] | None, typer.Argument(help="These alone; all that are unknown if left out.")
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Have labs that the log does not know ended, and their files set aside.

    The service may run. Only what is listed here is meant, whatever is found later.
    """
    from infrastructure.upkeep import unknown_labs  # noqa: PLC0415  not needed to serve

    settings = settings_given()
    with in_one_line():
        labs = unknown_labs.undecided(settings, uids or ())
        if not labs:
            raise Unusable("there is nothing to discard: no lab is unknown to the log")
        for line in listed(labs):
            typer.echo(line)
        typer.echo(
            f"their processes are ended; their files move to {settings.data_dir}/aside/labs/"
            f"<uid>.<time> and are kept for {format_duration(settings.work_retention)}"
        )
        if not yes:
            _ask(len(labs))
        unknown_labs.discard(settings, labs)
    typer.echo(f"discarded: {len(labs)}; the service carries it out in its next pass")


def listed(labs: Sequence[UnknownLab]) -> Sequence[str]:
    """One line for each."""
    return [f"{lab.lab if lab.lab.name else '(no name)'} {lab.uid}" for lab in labs]


def _ask(number: int) -> None:
    if not sys.stdin.isatty():
        raise Unusable("nothing is done: say --yes")
    typer.confirm(f"end {number} labs?", abort=True)
