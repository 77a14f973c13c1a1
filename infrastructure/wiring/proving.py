"""What vouches for the log, put together where a store keeps a tree over it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from application.control.supervisor import Loop
from application.mediator.mediator import Mediator
from application.ports.clock import Clock
from application.ports.signed_checkpoints import Anchor
from application.proving.anchoring import Anchoring
from application.proving.checkpoint_maker import CheckpointMaker
from application.queries.checkpoints import CheckpointQueries
from infrastructure.data_directory.claim import DataDirectory
from infrastructure.notary.audit_key import audit_key
from infrastructure.notary.doubled_checkpoints import DoubledCheckpoints
from infrastructure.notary.note_file import NOTES, NoteFile
from infrastructure.settings import Settings
from infrastructure.telemetry.metrics import Metrics
from infrastructure.wiring.notary import Notary
from infrastructure.wiring.stores import Stores


def notary_of(settings: Settings, stores: Stores, directory: DataDirectory) -> Notary | None:
    """Who vouches for the log; nobody where no tree is kept. Raises UnusableAuditKey, OSError."""
    if stores.log_tree is None or stores.signed_checkpoints is None:
        return None
    key = audit_key(directory.path, settings.audit_key)
    return Notary(
        tree=stores.log_tree,
        checkpoints=DoubledCheckpoints(stores.signed_checkpoints, directory.path / NOTES),
        sign=key.sign,
        anchor=_anchor(settings.audit_anchor),
    )


class Proving:
    """The loops, the queries, and what there is to tell."""

    def __init__(self, notary: Notary | None, clock: Clock, metrics: Metrics) -> None:
        self._notary = notary
        self._maker: CheckpointMaker | None = None
        self._anchoring: Anchoring | None = None
        if notary is not None:
            self._maker = CheckpointMaker(notary.tree, notary.checkpoints, notary.sign, clock)
            if notary.anchor is not None:
                failed = metrics.anchor_failures.inc
                self._anchoring = Anchoring(notary.checkpoints, notary.anchor, on_failure=failed)

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        notary = self._notary
        CheckpointQueries(
            notary.tree if notary else None, notary.checkpoints if notary else None
        ).register(mediator)

    def loops(self) -> Iterator[Loop]:
        """Those that run while the service does."""
        if self._maker is not None:
            yield Loop(name="checkpoints", run=self._maker.run, stop=None)
        if self._anchoring is not None:
            yield Loop(name="anchor", run=self._anchoring.run, stop=None)

    def notices(self) -> Sequence[str]:
        """What does not work and stops nothing."""
        trouble = self._anchoring.trouble if self._anchoring else ""
        return [trouble] if trouble else []

    async def finish(self) -> None:
        """One last checkpoint, brought outside as well, within seconds."""
        if self._maker is not None:
            await self._maker.finish()
        if self._anchoring is not None:
            await self._anchoring.finish()


def _anchor(place: str) -> Anchor | None:
    if place.startswith(("http://", "https://")):
        from infrastructure.notary.web_anchor import WebAnchor  # noqa: PLC0415  loads a client

        return WebAnchor(place)
    return NoteFile(Path(place)) if place else None
