"""Where service and operator meet about labs that the log does not know: files in the data
directory, so that a word can be given while the service runs, and while it does not.

`unknown/labs.json` lists them, written by the service. A file `unknown/<uid>.kept` or
`<uid>.discarded` is the operator's word about one of them, written by `labctl`.
"""

import asyncio
import json
import os
import re
from collections.abc import Collection, Iterable, Sequence
from enum import Enum
from pathlib import Path

from application.ports.unknown_labs import OperatorsWord, UnknownLab
from domain.lab_instance.key import LabKey
from infrastructure.data_directory.private_files import write_private

_LIST = "labs.json"
_WORD = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.(kept|discarded)")


class Verdict(Enum):
    """What can be said of an unknown lab; the value is the ending of the file that says it."""

    KEPT = "kept"
    DISCARDED = "discarded"


class UnknownLabFiles:
    """Implements UnknownLabs, and takes the operator's word. Without a list nothing is unknown."""

    def __init__(self, data_dir: Path) -> None:
        self.directory = data_dir / "unknown"

    async def tell(self, labs: Sequence[UnknownLab]) -> None:
        await asyncio.to_thread(self._write, labs)

    async def word(self) -> OperatorsWord:
        found = await asyncio.to_thread(lambda: list(self._verdicts()))
        return OperatorsWord(
            kept=frozenset(uid for uid, verdict in found if verdict is Verdict.KEPT),
            discarded=frozenset(uid for uid, verdict in found if verdict is Verdict.DISCARDED),
        )

    async def carried_out(self, uid: str) -> None:
        if _WORD.fullmatch(f"{uid}.{Verdict.DISCARDED.value}"):
            await asyncio.to_thread(self._file(uid, Verdict.DISCARDED).unlink, missing_ok=True)

    def listed(self) -> Sequence[UnknownLab]:
        """What the service told last. Raises OSError, and ValueError for a list that is none."""
        try:
            documents = json.loads((self.directory / _LIST).read_text(encoding="utf-8"))
            return [
                UnknownLab(lab=LabKey(*one["lab"]), uid=one["uid"], kept=one["kept"])
                for one in documents
            ]
        except FileNotFoundError:
            return ()
        except (TypeError, KeyError) as error:
            raise ValueError(f"{self.directory / _LIST} is not a list of labs") from error

    def say(self, uids: Collection[str], verdict: Verdict) -> None:
        """The operator's word about these, in place of what he said before. Raises OSError."""
        other = Verdict.KEPT if verdict is Verdict.DISCARDED else Verdict.DISCARDED
        for uid in uids:
            write_private(self._file(uid, verdict), "")
            self._file(uid, other).unlink(missing_ok=True)

    def _write(self, labs: Sequence[UnknownLab]) -> None:
        if not labs and not self.directory.exists():
            return
        self.directory.mkdir(mode=0o700, exist_ok=True)
        documents = [
            {"lab": [one.lab.namespace, one.lab.name], "uid": one.uid, "kept": one.kept}
            for one in labs
        ]
        write_private(self.directory / _LIST, json.dumps(documents))

    def _verdicts(self) -> Iterable[tuple[str, Verdict]]:
        try:
            with os.scandir(self.directory) as entries:
                for entry in entries:
                    if found := _WORD.fullmatch(entry.name):
                        yield found[1], Verdict(found[2])
        except FileNotFoundError:
            return

    def _file(self, uid: str, verdict: Verdict) -> Path:
        return self.directory / f"{uid}.{verdict.value}"
