"""What a service shows of its log, held against what it has shown before."""

from dataclasses import replace
from pathlib import Path

import pytest

from domain.log_tree.checkpoint import LogCheckpoint, origin_by
from domain.log_tree.heads import nodes_over
from domain.log_tree.proofs import consistency, root_of
from domain.log_tree.tree import leaf_of
from infrastructure.notary.audit_key import AuditKey, audit_key
from infrastructure.notary.remembered import Remembered
from infrastructure.notary.witness import (
    ForkedLog,
    named_key,
    remembered_checkpoint,
    require_going_on,
    signed,
)
from infrastructure.unusable import Unusable
from tests.contracts.given import NOON

LEAVES = [leaf_of(bytes([number])) for number in range(9)]
NODES = nodes_over(LEAVES)


def of(size: int) -> LogCheckpoint:
    root = root_of(size, NODES)
    return LogCheckpoint(origin=origin_by(LEAVES[0]), size=size, root=root, position=size, at=NOON)


@pytest.fixture
def key(tmp_path: Path) -> AuditKey:
    return audit_key(tmp_path, None)


@pytest.fixture
def known(key: AuditKey) -> Remembered:
    """Four events were shown last time."""
    note = key.sign(of(4))
    return Remembered(service="https://labs", key=str(key.verifier("a")), note=note)


def test_a_log_that_goes_on_is_accepted(key: AuditKey, known: Remembered) -> None:
    shown = signed(key.sign(of(9)), frozenset({key.public, bytes(32)}))
    assert (shown.checkpoint, shown.key.public) == (of(9), key.public)
    require_going_on(known, shown, consistency(4, 9, NODES))
    require_going_on(known, signed(known.note, frozenset({key.public})), ())


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (replace(of(9), origin="another"), "https://labs had the log .* shows another one now"),
        (of(3), "shows 3 events, and had 4 at .* its log was set back"),
        (replace(of(9), root=bytes(32)), "does not begin with the 4 events that it had"),
        (replace(of(4), root=bytes(32)), "does not begin with the 4 events that it had"),
    ],
)
def test_a_log_that_does_not_go_on_is_told(
    key: AuditKey, known: Remembered, shown: LogCheckpoint, told: str
) -> None:
    now = signed(key.sign(shown), frozenset({key.public}))
    path = consistency(4, max(4, shown.size), NODES)
    with pytest.raises(ForkedLog, match=told):
        require_going_on(known, now, path)


def test_a_log_without_its_proof_is_not_accepted(key: AuditKey, known: Remembered) -> None:
    with pytest.raises(ForkedLog, match="its history was changed"):
        require_going_on(known, signed(key.sign(of(9)), frozenset({key.public})), None)


def test_a_note_that_is_none_or_of_a_strangers_key_is_told(key: AuditKey) -> None:
    with pytest.raises(ForkedLog, match="no signed checkpoint"):
        signed("rubbish", frozenset({key.public}))
    with pytest.raises(ForkedLog, match="not signed by a key that is trusted here"):
        signed(key.sign(of(2)), frozenset({bytes(32)}))


def test_a_key_is_named_as_it_is_printed(key: AuditKey) -> None:
    assert named_key(str(key.verifier("a"))) == {key.public}
    with pytest.raises(Unusable, match=r"--key .a.b.c.: its base64 cannot be read"):
        named_key("a+b+c")


def test_a_memory_that_is_no_checkpoint_is_told(known: Remembered) -> None:
    with pytest.raises(Unusable, match="what is remembered of https://labs cannot be read"):
        remembered_checkpoint(replace(known, note="rubbish"))
