"""What can be proved to strangers: `labctl audit` and its commands."""

import asyncio
import logging
import os
import sys
from base64 import b64decode
from pathlib import Path
from typing import Annotated

import typer

from api.command_line.connection import Connection, Unanswered, connection_in
from api.command_line.endings import BROKEN, in_one_line, settings_given
from api.command_line.progress_line import ProgressLine
from api.kubernetes.kinds import CHECKPOINTS
from domain.log_tree.note import VerifierKey
from infrastructure.data_directory.claim import database_in
from infrastructure.data_directory.kubeconfig import read_kubeconfig
from infrastructure.notary.note_file import NOTES, add_note
from infrastructure.setting_values import SQLITE
from infrastructure.settings import Settings
from infrastructure.system_clock import SystemClock
from infrastructure.upkeep.auditing import Audited, Wanted, audit_file

audit = typer.Typer(no_args_is_help=True, help="Prove to strangers what has happened.")
_KEY = typer.Option(help="The verifier key to trust, instead of those that signed here.")
_LATEST = f"{CHECKPOINTS.base}/{CHECKPOINTS.plural}/latest"


@audit.command()
def verify(
    since: Annotated[
        Path | None, typer.Option(help="A file with a signed note: what is before is trusted.")
    ] = None,
    anchor: Annotated[
        Path | None, typer.Option(help="A file with signed notes that were kept elsewhere.")
    ] = None,
    key: Annotated[str, _KEY] = "",
) -> None:
    """Look through the whole log for what is not as it was written, and name each find.

    Reads only, and may run beside the service. Exits with 1 when anything is found.
    """
    from infrastructure.notary.remembered import Memory  # noqa: PLC0415  not needed to serve
    from infrastructure.upkeep import vouching  # noqa: PLC0415  see above

    settings = settings_given()
    logging.disable()
    named = vouching.Named(key=key, anchor=anchor, since=since)
    with in_one_line(), ProgressLine("looking through", sys.stderr) as line:
        memory = Memory.of_user(os.environ)
        wanted = vouching.wanted_by(settings, named, memory)
        found = _audited(settings, wanted, line)
        if not found.findings.total:
            vouching.remember(settings, found, wanted, memory)
    for finding in found.findings.first:
        typer.echo(f"found: {finding}")
    for notice in found.findings.notices:
        typer.echo(f"note: {notice}")
    about = f"{found.events} events in {found.streams} streams, up to position {found.position}"
    if total := found.findings.total:
        typer.echo(f"{about}: {total} finds", err=True)
        raise typer.Exit(BROKEN)
    vouched = f"; signed up to event {found.last.size}" if found.last else ""
    typer.echo(f"{about}: nothing is other than it was written{vouched}")


@audit.command()
def checkpoint(
    key: Annotated[str, _KEY] = "",
    forget: Annotated[bool, typer.Option(help="Accept whatever log is there now.")] = False,
) -> None:
    """Ask the running service for its newest signed checkpoint, and print it.

    What it showed last is remembered: a log that does not go on from there exits with 1.
    """
    from infrastructure.notary.audit_key import trusted_keys  # noqa: PLC0415  see above
    from infrastructure.notary.remembered import Memory, Remembered  # noqa: PLC0415  see above
    from infrastructure.notary.witness import (  # noqa: PLC0415  see above
        named_key,
        remembered_checkpoint,
        require_going_on,
        signed,
    )

    settings = settings_given()
    with in_one_line():
        connection = connection_in(read_kubeconfig(settings.data_dir))
        memory = Memory.of_user(os.environ)
        known = None if forget else memory.recall(connection.server)
        trusted = key or (known.key if known else "")
        keys = named_key(trusted) if trusted else trusted_keys(settings.data_dir)
        note, proof = _shown(connection, remembered_checkpoint(known).size if known else 0)
        shown = signed(note, keys)
        if known is not None:
            require_going_on(known, shown, proof)
        memory.keep(Remembered(service=connection.server, key=str(shown.key), note=note))
    typer.echo(note, nl=False)


@audit.command()
def export(
    target: Annotated[Path, typer.Option("--output", "-o", help="The file to make.")],
    lab: Annotated[str, typer.Option(help="NAMESPACE/NAME: all that happened to it.")] = "",
    namespace: Annotated[str, typer.Option(help="All that happened to labs in it.")] = "",
    since: Annotated[str, typer.Option(help="All events from this time on, RFC 3339.")] = "",
) -> None:
    """Put events, and all that proves them and that none is left out, into one file.

    The service may run. `labctl audit script` prints the program that verifies such a file.
    """
    from infrastructure.notary.audit_key import audit_key  # noqa: PLC0415  see above
    from infrastructure.upkeep import exporting  # noqa: PLC0415  see above
    from infrastructure.upkeep.adopting import embedded_log  # noqa: PLC0415  see above
    from infrastructure.upkeep.selection import selection_by  # noqa: PLC0415  see above

    settings, now = settings_given(), SystemClock().now()
    with in_one_line():
        selection = selection_by(lab=lab, namespace=namespace, since=since)
        path = embedded_log(settings)
        key = audit_key(settings.data_dir, settings.audit_key)
        goal = target.expanduser().absolute()
        found = exporting.export(path, selection, key, goal, now=now)
        add_note(settings.data_dir / NOTES, found.note)
    typer.echo(
        f"{found.events} events are in {str(target)!r}; verify them with labctl audit script"
    )


@audit.command()
def script() -> None:
    """Print the program that verifies a bundle, and needs nothing of this one."""
    import infrastructure.auditing as room  # noqa: PLC0415  see above

    typer.echo((Path(room.__path__[0]) / "verify_bundle.py").read_text(encoding="utf-8"), nl=False)


@audit.command("key")
def show_key(
    accept: Annotated[
        bool, typer.Option(help="Let the key in use sign here, although another one did.")
    ] = False,
) -> None:
    """Print the verifier keys of the log, as C2SP writes them: for whoever shall trust it."""
    from infrastructure.notary import audit_key  # noqa: PLC0415  see above
    from infrastructure.upkeep.log_name import name_of_log  # noqa: PLC0415  see above

    settings = settings_given()
    with in_one_line():
        if accept:
            mine = audit_key.key_to_accept(settings.data_dir, settings.audit_key)
            audit_key.trust(settings.data_dir, mine)
        origin = asyncio.run(name_of_log(settings))
        for public in sorted(audit_key.trusted_keys(settings.data_dir)):
            typer.echo(str(VerifierKey(origin, public)))


def _audited(settings: Settings, wanted: Wanted, line: ProgressLine) -> Audited:
    if settings.event_store == SQLITE:
        return audit_file(database_in(settings.data_dir), wanted, line)
    from infrastructure.upkeep.verifying import audit_server  # noqa: PLC0415  loads clients

    return asyncio.run(audit_server(settings, wanted, line))


def _shown(connection: Connection, size: int) -> tuple[str, list[bytes] | None]:
    """The newest note, and the proof that its tree begins with that of so many events; None
    where the service has none."""
    try:
        answer = connection.ask(_LATEST, {"provenFrom": str(size)}, accept="application/json")
    except Unanswered as refusal:
        if refusal.code != 400:
            raise
        answer = connection.ask(_LATEST, {}, accept="application/json")
        return str(answer["note"]), None
    return str(answer["note"]), [b64decode(hash_) for hash_ in answer["proof"]]
