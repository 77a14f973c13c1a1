"""Who vouches for the log, as the adapters bring it."""

from dataclasses import dataclass

from application.ports.log_tree import LogTree
from application.ports.signed_checkpoints import Anchor, Sign, SignedCheckpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Notary:
    """The tree, what was signed of it and who signs, and a place outside, if there is one."""

    tree: LogTree
    checkpoints: SignedCheckpoints
    sign: Sign
    anchor: Anchor | None = None
