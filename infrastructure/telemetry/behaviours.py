"""What is wrapped around every command: its place in the logs, and its count in the metrics."""

import logging
from time import perf_counter

from prometheus_client import Counter

from application.mediator import CommandHandler, CommandOutcome, RequestContext
from application.ports.event_store import StreamConflict
from domain.errors import DomainError
from domain.lab_instance.commands import LabInstanceCommand
from infrastructure.telemetry.log_context import About
from infrastructure.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)


async def log_command(
    command: LabInstanceCommand, context: RequestContext, inner: CommandHandler
) -> CommandOutcome:
    """Log how the command ended; every line logged inside tells which command it served."""
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


class MeasureCommand:
    """A behaviour that counts commands by kind and outcome, and times them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._counters: dict[tuple[type, str], Counter] = {}

    async def __call__(
        self, command: LabInstanceCommand, context: RequestContext, inner: CommandHandler
    ) -> CommandOutcome:
        """Carry out the command by `inner`, and measure it however it ends."""
        started = perf_counter()
        ended = "failed"
        try:
            outcome = await inner(command, context)
            ended = "changed" if outcome.changed else "unchanged"
        except DomainError:
            ended = "refused"
            raise
        except StreamConflict:
            ended = "conflict"
            raise
        finally:
            self._metrics.command_seconds.observe(perf_counter() - started)
            self._counter(type(command), ended).inc()
        return outcome

    def _counter(self, kind: type, ended: str) -> Counter:
        counter = self._counters.get((kind, ended))
        if counter is None:
            counter = self._metrics.commands.labels(kind.__name__, ended)
            self._counters[kind, ended] = counter
        return counter


def _fields(command: LabInstanceCommand, context: RequestContext) -> dict[str, str]:
    fields = {
        "lab": str(command.lab),
        "command": type(command).__name__,
        "correlationId": context.correlation_id,
        "traceId": _trace_id(context.traceparent),
    }
    uid = getattr(command, "uid", None)
    return fields if uid is None else fields | {"uid": uid}


def _trace_id(traceparent: str) -> str:
    parts = traceparent.split("-")
    return parts[1] if len(parts) > 1 else ""
