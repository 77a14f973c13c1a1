"""What is wrapped around every command: its place in the logs."""

import logging

from application.mediator.mediator import Command, CommandHandler, Outcome, RequestContext
from application.ports.event_store import StreamConflict
from domain.api_object.commands import ApiObjectCommand
from domain.errors import DomainError
from infrastructure.telemetry.log_context import About

_log = logging.getLogger(__name__)


async def log_command(command: Command, context: RequestContext, inner: CommandHandler) -> Outcome:
    """Log how the command ended; every line logged inside names the command it served."""
    with About(lambda: _fields(command, context)):
        try:
            outcome = await inner(command, context)
        except DomainError as refusal:
            _log.info("command refused", extra={"reason": type(refusal).__name__})
            raise
        except StreamConflict:
            _log.info("command lost a race")
            raise
        except Exception as error:
            _log.warning("command failed", extra={"error": f"{type(error).__name__}: {error}"})
            raise
        if outcome.changed:
            _log.info("command carried out", extra={"position": outcome.position})
        else:
            _log.debug("command changed nothing")
        return outcome


def _fields(command: Command, context: RequestContext) -> dict[str, str]:
    fields = {
        "object" if isinstance(command, ApiObjectCommand) else "lab": _subject(command),
        "command": type(command).__name__,
        "correlationId": context.correlation_id,
        "traceId": _trace_id(context.traceparent),
    }
    uid = getattr(command, "uid", None)
    return fields if uid is None else fields | {"uid": uid}


def _subject(command: Command) -> str:
    return str(command.key if isinstance(command, ApiObjectCommand) else command.lab)


def _trace_id(traceparent: str) -> str:
    parts = traceparent.split("-")
    return parts[1] if len(parts) > 1 else ""
