"""Answers about signed checkpoints of the log."""

from collections.abc import Sequence

from application.mediator.checkpoint_questions import (
    GetCheckpoint,
    ListCheckpoints,
    ProvenCheckpoint,
)
from application.mediator.mediator import Mediator
from application.ports.log_tree import LogTree
from application.ports.signed_checkpoints import KeptCheckpoint, SignedCheckpoints


class CheckpointQueries:
    """Answers GetCheckpoint and ListCheckpoints; of a log without a tree there are none."""

    def __init__(self, tree: LogTree | None, checkpoints: SignedCheckpoints | None) -> None:
        self._tree = tree
        self._checkpoints = checkpoints

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        mediator.on_query(GetCheckpoint, self.get)
        mediator.on_query(ListCheckpoints, self.list)

    async def get(self, question: GetCheckpoint) -> ProvenCheckpoint | None:
        """None when there is none. Raises EventStoreUnavailable."""
        if self._checkpoints is None or self._tree is None:
            return None
        kept = await self._checkpoints.latest(question.size)
        if kept is None:
            return None
        first = question.proven_from
        if first is None or first > kept.size:
            return ProvenCheckpoint(kept=kept, proof=None)
        try:
            proof = await self._tree.consistency(first, kept.size)
        except ValueError:  # the log was set back behind what was signed
            return ProvenCheckpoint(kept=kept, proof=None)
        return ProvenCheckpoint(kept=kept, proof=proof)

    async def list(self, question: ListCheckpoints) -> Sequence[KeptCheckpoint]:
        """Raises EventStoreUnavailable."""
        if self._checkpoints is None:
            return ()
        return await self._checkpoints.page(before=question.before, limit=question.limit)
