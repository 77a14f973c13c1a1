"""The parser of template files under trial: in this process, as the start of the service does."""

import resource
import time
from pathlib import Path

from infrastructure.templates.catalog import load_catalog
from tests.fuzzing.attempt import Attempt
from tests.fuzzing.measured import Measured

_HAS_EVERYTHING = Path("/bin/true")


class Parsed:
    """A directory with one template file, which is another in each trial."""

    def __init__(self, place: Path) -> None:
        self._directory = place / "templates"
        self._directory.mkdir()

    def tried(self, attempt: Attempt) -> Measured:
        """Read it all. Nothing may be raised, whatever is in the file."""
        (self._directory / "made.yaml").write_bytes(attempt.data)
        code, said, before, begun = 200, "", _peak(), time.process_time()
        try:
            templates = load_catalog(lab_python=_HAS_EVERYTHING, directory=self._directory).all()
            faults = [each.unavailable for each in templates if each.unavailable]
            code, said = (400, faults[0].partition("made.yaml: ")[2]) if faults else (200, "")
            said.encode()
        except Exception as error:  # noqa: BLE001  the very thing that is searched for
            code, said = 500, f"{type(error).__name__}: {error}"
        seconds = time.process_time() - begun
        return Measured(
            code=code, said=said, answered=len(said), seconds=seconds, peak=_peak() - before
        )


def _peak() -> int:
    """The most memory that this process has ever had, in bytes: only what is added counts."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
