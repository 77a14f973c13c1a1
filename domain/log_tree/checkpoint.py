"""A checkpoint of the log as text: what is signed, and what of it is read back."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.log_tree.note import NoNote

_ORIGIN = "lab.neuroglia.com/log/"
AS_FOUND = "as found"
"""The events up to here were not seen when they were written: they are vouched for as found."""


class NoCheckpoint(NoNote):
    """The text is no checkpoint, for the reason given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCheckpoint:
    """The log of that origin held `size` events, the last one at `position`, when the signer
    looked at `at`; `root` is that of its tree. `found`: whether all up to here is vouched for
    as it was found. `heads`: how many streams there were, and the root of the tree of heads."""

    origin: str
    size: int
    root: bytes
    position: int
    at: datetime
    found: bool = False
    heads: tuple[int, bytes] | None = None

    @property
    def text(self) -> str:
        """The three lines of a C2SP tlog-checkpoint, and lines of our own behind them."""
        lines = [self.origin, str(self.size), _base64(self.root)]
        lines += [f"position {self.position}", f"at {_exact(self.at)}"]
        if self.found:
            lines.append(AS_FOUND)
        if self.heads:
            lines.append(f"heads {self.heads[0]} {_base64(self.heads[1])}")
        return "\n".join(lines) + "\n"


def origin_by(first_leaf: bytes) -> str:
    """The name of the log that begins with this leaf: it cannot begin otherwise."""
    return _ORIGIN + first_leaf.hex()[:32]


def read_checkpoint(text: str) -> LogCheckpoint:
    """The checkpoint that is written so and not otherwise. Raises NoCheckpoint."""
    try:
        origin, size, root, position, at, *more = text.removesuffix("\n").split("\n")
        heads = [line.split(" ") for line in more if line.startswith("heads ")]
        checkpoint = LogCheckpoint(
            origin=origin,
            size=int(size),
            root=b64decode(root, validate=True),
            position=int(position.removeprefix("position ")),
            at=datetime.fromisoformat(at.removeprefix("at ")).astimezone(UTC),
            found=AS_FOUND in more,
            heads=(int(heads[0][1]), b64decode(heads[0][2], validate=True)) if heads else None,
        )
    except (ValueError, LookupError) as error:
        raise NoCheckpoint("it does not have the lines of a checkpoint") from error
    counted = checkpoint.size > 0 and checkpoint.position > 0
    if checkpoint.text != text or len(checkpoint.root) != 32 or not counted:
        raise NoCheckpoint("it is not written as a checkpoint is")
    return checkpoint


def _base64(hash_: bytes) -> str:
    return b64encode(hash_).decode()


def _exact(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
