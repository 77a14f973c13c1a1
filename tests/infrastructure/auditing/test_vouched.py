"""Which checkpoints hold, and what is said of those that do not."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from domain.log_tree.checkpoint import LogCheckpoint, origin_by
from domain.log_tree.tree import GrowingTree, leaf_of
from infrastructure.auditing.findings import Findings
from infrastructure.auditing.vouched import Epoch, Source, Vouched, heads_of
from infrastructure.notary.audit_key import AuditKey, audit_key
from tests.contracts.given import NOON

LEAVES = [leaf_of(bytes([number])) for number in range(9)]
ORIGIN = origin_by(LEAVES[0])
TIPS = {"a": (3, "00" * 32), "b": (6, "11" * 32)}
LOST = Epoch(
    number=1, first_position=1 << 40, begun_at=NOON + timedelta(days=1), reason="restored"
)


@pytest.fixture
def key(tmp_path: Path) -> AuditKey:
    return audit_key(tmp_path, None)


def of(size: int, **other: object) -> LogCheckpoint:
    tree = GrowingTree()
    tree.extend(LEAVES[:size])
    values = {"origin": ORIGIN, "size": size, "root": tree.root, "position": size, "at": NOON}
    return LogCheckpoint(**(values | other))  # type: ignore[arg-type]  # of the right types


def held(
    key: AuditKey,
    notes: Sequence[LogCheckpoint],
    *,
    epochs: Sequence[Epoch] = (),
    own: bool = True,
) -> Findings:
    """After the whole log was looked through."""
    findings = Findings()
    vouched = Vouched(findings, frozenset({key.public}), epochs)
    source = Source(name="here", notes=[key.sign(one) for one in notes], own=own)
    vouched.expect([source], ORIGIN, after=0)
    tree = GrowingTree()
    for leaf in LEAVES:
        tree.extend([leaf])
        if tree.size == vouched.next_size:
            vouched.hold(tree, TIPS)
    vouched.end(tree.size)
    return findings


def test_checkpoints_that_hold_say_nothing(key: AuditKey) -> None:
    findings = held(key, [of(9), of(2), of(2)])
    assert (findings.total, findings.notices) == (0, [])


def test_events_after_the_last_checkpoint_are_counted(key: AuditKey) -> None:
    assert held(key, [of(2)]).notices == ["7 events are covered by no signed checkpoint yet"]


def test_a_history_that_was_signed_as_found_is_told_so(key: AuditKey) -> None:
    found = held(key, [of(5, found=True), of(9)])
    assert found.notices == ["the first 5 events are vouched for as found"]


def test_the_place_of_a_change_is_between_two_checkpoints(key: AuditKey) -> None:
    [finding] = held(key, [of(4), of(6, root=bytes(32)), of(9)]).first
    assert "of 6 events" in str(finding)
    assert "something differs after the first 4 events" in str(finding)


def test_heads_are_those_of_the_streams(key: AuditKey) -> None:
    heads = heads_of(TIPS)
    assert held(key, [of(9, heads=(2, heads.root))]).total == 0
    [finding] = held(key, [of(9, heads=(2, bytes(32)))]).first
    assert "the heads in the checkpoint of 9 events in here are not those" in str(finding)


def test_an_accepted_loss_explains_what_was_signed_before_it_and_only_here(key: AuditKey) -> None:
    lost = [of(12, root=bytes(32)), of(7, root=bytes(32))]
    explained = held(key, [*lost, of(9)], epochs=[LOST])
    assert explained.total == 0
    assert explained.notices == ["2 checkpoints are of what was given up in an accepted loss"]
    assert held(key, lost, epochs=[LOST], own=False).total == 2
    later = [of(12, at=NOON + timedelta(days=2))]
    assert held(key, later, epochs=[LOST]).total == 1


def test_a_find_beyond_those_that_are_shown_is_counted() -> None:
    findings = Findings(shown=2)
    for _ in range(5):
        findings.add("wrong")
    assert (findings.total, len(findings.first)) == (5, 2)
