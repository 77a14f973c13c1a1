"""What is wrapped around every command: its count and its time in the metrics."""

from time import perf_counter

from prometheus_client import Counter

from application.mediator import Command, CommandHandler, Outcome, RequestContext
from application.ports.event_store import StreamConflict
from domain.errors import DomainError
from infrastructure.telemetry.metrics import Metrics


class MeasureCommand:
    """A behaviour that counts commands by kind and outcome, and times them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._counters: dict[tuple[type, str], Counter] = {}

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
            self._counter(type(command), ended).inc()
        return outcome

    def _counter(self, kind: type, ended: str) -> Counter:
        counter = self._counters.get((kind, ended))
        if counter is None:
            counter = self._metrics.commands.labels(kind.__name__, ended)
            self._counters[kind, ended] = counter
        return counter
