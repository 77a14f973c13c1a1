"""Holds what a service shows of its log against what it has shown before."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.log_tree.checkpoint import LogCheckpoint, read_checkpoint
from domain.log_tree.note import NoNote, VerifierKey, read_note, read_verifier_key
from domain.log_tree.proofs import is_consistent
from infrastructure.notary.audit_key import checked
from infrastructure.notary.remembered import Remembered
from infrastructure.unusable import Unusable


class ForkedLog(Exception):
    """A service has shown two histories, or something that nobody signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A note that is signed by one of the keys, and what it says."""

    note: str
    checkpoint: LogCheckpoint
    key: VerifierKey


def signed(note: str, keys: frozenset[bytes]) -> Shown:
    """What the note says. Raises ForkedLog unless one of the keys has signed it in the name of
    the log that it is about."""
    try:
        checkpoint = read_checkpoint(read_note(note).text)
        for key in sorted(keys):
            _, is_signed = checked(note, frozenset({key}), checkpoint.origin)
            if is_signed:
                named = VerifierKey(checkpoint.origin, key)
                return Shown(note=note, checkpoint=checkpoint, key=named)
    except NoNote as error:
        raise ForkedLog(f"what was shown is no signed checkpoint: {error}") from None
    raise ForkedLog(
        f"the checkpoint of {checkpoint.size} events is not signed by a key that is trusted here"
    )


def require_going_on(known: Remembered, shown: Shown, proof: Sequence[bytes] | None) -> None:
    """Raises ForkedLog unless the log that is shown begins with the one that is remembered."""
    before = remembered_checkpoint(known)
    now = shown.checkpoint
    if now.origin != before.origin:
        raise ForkedLog(
            f"{known.service} had the log {before.origin} when it was asked last, and shows "
            f"another one now, {now.origin}"
        )
    if now.size < before.size:
        raise ForkedLog(
            f"{known.service} shows {now.size} events, and had {before.size} at "
            f"{before.at.isoformat()}: its log was set back"
        )
    if proof is None or not is_consistent((before.size, before.root), (now.size, now.root), proof):
        raise ForkedLog(
            f"the log of {known.service} does not begin with the {before.size} events that it "
            f"had at {before.at.isoformat()}: its history was changed"
        )


def remembered_checkpoint(known: Remembered) -> LogCheckpoint:
    """What was shown last. Raises Unusable."""
    try:
        return read_checkpoint(read_note(known.note).text)
    except NoNote as error:
        raise Unusable(f"what is remembered of {known.service} cannot be read: {error}") from None


def named_key(written: str) -> frozenset[bytes]:
    """The key that somebody names, as C2SP writes it. Raises Unusable."""
    try:
        return frozenset({read_verifier_key(written).public})
    except NoNote as error:
        raise Unusable(f"--key {written[:120]!r}: {error}") from None
