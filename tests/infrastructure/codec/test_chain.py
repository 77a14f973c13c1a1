"""The hash chain: made as its definition says, and no change of history goes unseen."""

from hashlib import sha256
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.ports.event_store import EMPTY, NewEvent, Tip
from infrastructure.codec.chain import BrokenChain, SealedEvent, seal, verify
from infrastructure.codec.stored_event import StoredEvent
from tests.contracts.given import NOON, RESTARTED, numbered

STREAM = "labinstance-class-a/lab-1"


def stored(sealed: SealedEvent) -> StoredEvent:
    return StoredEvent(
        position=sealed.version,
        stream=sealed.stream,
        version=sealed.version,
        id=sealed.new.id,
        type=sealed.type,
        data=sealed.data,
        metadata=sealed.metadata,
        recorded_at=NOON,
    )


HISTORY = [stored(one) for one in seal(STREAM, [numbered(n) for n in range(4)], EMPTY)]


def test_the_hash_is_the_one_that_is_documented() -> None:
    new = NewEvent(id=UUID(int=7), event=RESTARTED, metadata={"actor": "ä"})

    [sealed] = seal("s/ü", [new], Tip(3, "beef"))

    parts = [
        b"beef",
        "s/ü".encode(),
        bytes(15) + b"\x07",
        b"lab-instance.restart-requested.v1",
        b'{"at":"2026-03-01T12:00:00.250000Z"}',
        '{"actor":"ä","previousHash":"beef"}'.encode(),
    ]
    digest = sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
    assert sealed.version == 4
    assert sealed.metadata == parts[-1][:-1] + b',"hash":"%s"}' % digest.encode()
    assert msgspec.json.decode(sealed.metadata) == sealed.readable_metadata


def test_an_untouched_history_leads_to_its_tip() -> None:
    tip = verify(HISTORY)

    assert tip == verify(HISTORY[2:], after=verify(HISTORY[:2]))
    assert tip.version == 4
    assert msgspec.json.decode(HISTORY[-1].metadata)["hash"] == tip.hash


@given(
    index=st.integers(0, 3),
    field=st.sampled_from(["data", "metadata"]),
    at=st.integers(0, 500),
    bit=st.integers(0, 7),
)
def test_a_changed_bit_anywhere_is_found_where_it_is(
    index: int, field: str, at: int, bit: int
) -> None:
    data = bytearray(getattr(HISTORY[index], field))
    data[at % len(data)] ^= 1 << bit
    changed = msgspec.structs.replace(HISTORY[index], **{field: bytes(data)})

    with pytest.raises(BrokenChain) as broken:
        verify([*HISTORY[:index], changed, *HISTORY[index + 1 :]])

    assert broken.value.version == index + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "lab-instance.retried.v1"},
        {"id": UUID(int=1)},
        {"stream": "labinstance-class-a/lab-2"},
        {"metadata": b"{}"},
        {"version": 9},
    ],
)
def test_no_part_of_a_chained_event_can_be_exchanged(changes: dict[str, object]) -> None:
    forged = msgspec.structs.replace(HISTORY[1], **changes)

    with pytest.raises(BrokenChain):
        verify([HISTORY[0], forged, *HISTORY[2:]])


def test_a_removed_event_and_a_changed_order_are_found() -> None:
    with pytest.raises(BrokenChain, match="an event is missing"):
        verify([HISTORY[0], *HISTORY[2:]])
    with pytest.raises(BrokenChain):
        verify([HISTORY[0], HISTORY[2], HISTORY[1], HISTORY[3]])
    renumbered = msgspec.structs.replace(HISTORY[2], version=2)
    with pytest.raises(BrokenChain, match="not what was written"):
        verify([HISTORY[0], renumbered])


@pytest.mark.parametrize("name", ["hash", "previousHash"])
def test_only_the_store_writes_the_chain(name: str) -> None:
    with pytest.raises(ValueError, match="written by the store"):
        seal(STREAM, [NewEvent(id=UUID(int=1), event=RESTARTED, metadata={name: "x"})], EMPTY)
