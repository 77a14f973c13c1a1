"""What is done about the embedded log as a whole: copies of it, and accepting it."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.command_line.endings import in_one_line, settings_given
from api.command_line.progress_line import ProgressLine
from api.command_line.unknown_commands import listed
from infrastructure.system_clock import SystemClock


def backup(
    target: Annotated[Path, typer.Argument(help="The file to make, which does not exist yet.")],
) -> None:
    """Copy the embedded log as it is now into a file, and prove the copy.

    The service may go on. The copy's tip is written beside it: keep both.
    """
    from infrastructure.upkeep.backup import back_up  # noqa: PLC0415  not needed to serve

    settings = settings_given()
    with in_one_line(), ProgressLine("verifying", sys.stderr) as line:
        found = back_up(settings, target.expanduser().absolute(), line)
    typer.echo(
        f"{found.events} events in {found.streams} streams are in {str(target)!r}, "
        f"up to position {found.position}"
    )


def restore(source: Annotated[Path, typer.Argument(help="What `labctl backup` made.")]) -> None:
    """Put a copy of the log in its place, and set aside what was there.

    The service must be stopped. Labs that the copy does not know are not removed by this.
    """
    from infrastructure.upkeep.backup import restore as put_back  # noqa: PLC0415  see above

    settings, now = settings_given(), SystemClock().now()
    logging.disable()
    with in_one_line(), ProgressLine("verifying", sys.stderr) as line:
        found = put_back(settings, source.expanduser().absolute(), line, now=now)
    epoch = "nothing was lost" if found.epoch is None else f"epoch {found.epoch} begins"
    typer.echo(
        f"{found.events} events are restored, up to position {found.position}; {epoch}; "
        f"what was there is kept in {str(found.aside)!r}"
    )


def mend(
    target: Annotated[Path, typer.Argument(help="The file to make, which does not exist yet.")],
) -> None:
    """Make a whole copy of a damaged embedded log, if one can be had. The log stays as it is.

    The service must be stopped. The copy is put in place by `labctl restore`.
    """
    from infrastructure.upkeep.mending import mend as mended  # noqa: PLC0415  see above

    settings = settings_given()
    with in_one_line():
        found, way = mended(settings, target.expanduser().absolute())
    typer.echo(
        f"{found.events} events, all that were acknowledged, are in {str(target)!r}, {way}; "
        "put it in place with labctl restore"
    )


def adopt() -> None:
    """Let labs run on that the log does not know; or accept the log as it stands.

    The log is accepted, with the service stopped, when a start was refused and it is known to be
    right: what is missing is lost, clients list again. Labs are adopted while the service runs:
    they stay untouched, and no more is known of them than before.
    """
    from infrastructure.upkeep.adopting import adopt as accept  # noqa: PLC0415  see above
    from infrastructure.upkeep.unknown_labs import adopt_unknown  # noqa: PLC0415  see above

    settings, now = settings_given(), SystemClock().now()
    with in_one_line():
        if labs := adopt_unknown(settings):
            for line in listed(labs):
                typer.echo(line)
            typer.echo(f"{len(labs)} labs unknown to the log are adopted: they run on, untouched")
            return
        found = accept(settings, now=now)
    typer.echo(
        f"the log is accepted up to position {found.position}, as epoch {found.epoch}, although "
        f"{found.reason}; what was there is kept in {str(found.aside)!r}"
    )
