"""The parser of template files under trial: in this process, as the start of the service does."""

import resource
import time
from pathlib import Path

from infrastructure.templates.definition import InvalidTemplate, read_definition
from tests.fuzzing.attempt import Attempt
from tests.fuzzing.measured import Measured


class Parsed:
    """A directory with one template file, which is another in each trial."""

    def __init__(self, place: Path) -> None:
        self._file = place / "made.yaml"

    def tried(self, attempt: Attempt) -> Measured:
        """Read the file. Nothing but InvalidTemplate may be raised for what is in it."""
        self._file.write_bytes(attempt.data)
        code, said, before, begun = 200, "", _peak(), time.process_time()
        try:
            read_definition(self._file)
        except InvalidTemplate as error:
            code, said = 400, str(error).partition("made.yaml: ")[2]
        except Exception as error:  # noqa: BLE001  the very thing that is searched for
            code, said = 500, f"{type(error).__name__}: {error}"
        seconds = time.process_time() - begun
        return Measured(
            code=code, said=said, answered=len(said), seconds=seconds, peak=_peak(), before=before
        )


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
