"""What can be wrong with a store, as one line for whoever wanted something done to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from application.ports.event_store import EventStoreError, UndecodableEvent
from application.ports.read_model import ForeignReadModel, ReadModelUnavailable
from application.ports.view_generations import SwitchLost
from infrastructure.data_directory.claim import (
    DataDirectory,
    DataDirectoryInUse,
    database_in,
)
from infrastructure.unusable import Unusable, file_trouble

_TROUBLES = (EventStoreError, ForeignReadModel, ReadModelUnavailable, SwitchLost)


@contextmanager
def one_line() -> Iterator[None]:
    """Every trouble with a store as Unusable; a history that is not what was written is none
    of the store's, and stays UndecodableEvent."""
    try:
        yield
    except UndecodableEvent:
        raise
    except DataDirectoryInUse as error:
        raise Unusable(f"{error}: stop the service there first") from error
    except _TROUBLES as error:
        raise Unusable(str(error)) from error
    except OSError as error:
        raise Unusable(file_trouble(error)) from error


@contextmanager
def held(data_dir: Path) -> Iterator[Path]:
    """The file of the embedded stores in a directory that exists, while no service works
    there. Raises Unusable when there is none, and what claiming raises."""
    file = database_in(data_dir)
    if not file.exists():
        raise Unusable(f"there is no {file.name} in {str(data_dir)!r}")
    with DataDirectory.claim(data_dir):
        yield file
