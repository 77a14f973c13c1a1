"""What is wrapped around every command: its count and its time in the metrics."""

from time import perf_counter

from application.mediator.mediator import Command, CommandHandler, Outcome, RequestContext
from application.ports.event_store import StreamConflict
from domain.errors import DomainError
from infrastructure.telemetry.metrics import Metrics


class MeasureCommand:
    """A behaviour that counts commands by kind and outcome, and times them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(
        self, command: Command, context: RequestContext, inner: CommandHandler
    ) -> Outcome:
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
            self._metrics.commands.count(type(command).__name__, ended)
        return outcome
