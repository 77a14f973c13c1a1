"""How a command begins and ends: with the settings given, and in one line when it cannot go on."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from application.ports.event_store import UndecodableEvent
from infrastructure.codec.chain import BrokenChain
from infrastructure.notary.witness import ForkedLog
from infrastructure.settings import Settings, read_settings
from infrastructure.sqlite.audit import BrokenLog
from infrastructure.unusable import Unusable, file_trouble

BROKEN = 1
"""The history is not what was written."""

UNANSWERED = 1
"""There is no answer to print."""

UNUSABLE = 2
"""What the command needs cannot be used."""


def settings_given() -> Settings:
    """The settings in the environment; the command ends where one is wrong."""
    with in_one_line():
        return read_settings(os.environ)


@contextmanager
def in_one_line(*, unusable: int = UNUSABLE) -> Iterator[None]:
    """End the command with one line, and the status that says which kind of trouble it is."""
    try:
        yield
    except BrokenPipeError:  # whoever reads has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(UNANSWERED) from None
    except (Unusable, OSError) as refusal:
        told = file_trouble(refusal) if isinstance(refusal, OSError) else refusal
        typer.echo(f"labctl: {told}", err=True)
        raise typer.Exit(unusable) from None
    except (BrokenChain, BrokenLog, ForkedLog, UndecodableEvent) as broken:
        typer.echo(f"labctl: {broken}", err=True)
        raise typer.Exit(BROKEN) from None
