"""An error that is logged is a bug, unless it says what the world does."""

import logging
from collections.abc import Iterator

from application.mediator.questions import ResourceVersionTooLarge
from application.ports.event_store import EventStoreError
from application.ports.leases import LeasesUnavailable
from application.ports.outages import OUTAGES
from application.ports.read_model import ForeignReadModel
from tests.simulation.invariants.verdicts import Verdicts

_OF_THE_WORLD = (
    *OUTAGES,
    EventStoreError,
    LeasesUnavailable,
    ForeignReadModel,
    ResourceVersionTooLarge,
)


_SLOW_WORLD = {"a loop did not end when it was cancelled"}
"""Said of a loop that, on its way out, waits for a store that does not answer."""


class ErrorsLogged(logging.Handler):
    """Reports what is logged as an error while the context lasts."""

    def __init__(self, verdicts: Verdicts) -> None:
        super().__init__(logging.ERROR)
        self._verdicts = verdicts

    def __enter__(self) -> "ErrorsLogged":
        logging.disable(logging.WARNING)
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)
        logging.disable(logging.NOTSET)

    def emit(self, record: logging.LogRecord) -> None:
        """Judge one record."""
        error = record.exc_info[1] if record.exc_info else None
        causes = [*_leaves(error)] if error is not None else []
        if record.getMessage() in _SLOW_WORLD:
            return
        if not causes or not all(isinstance(cause, _OF_THE_WORLD) for cause in causes):
            detail = f"{record.getMessage()}: {causes!r}"
            self._verdicts.broken("no error is logged but of the world", detail)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _leaves(part)
    else:
        yield error
