"""Stored events read back equal, for ever, and what cannot be read is told exactly."""

from datetime import datetime
from uuid import UUID

import msgspec
import pytest
from hypothesis import given

from application.ports.event_store import Fact, UndecodableEvent
from domain.lab_instance.events import BecameReady, LabInstanceCreated, Retried
from infrastructure.codec.event_codec import Undecodable, decode_event, encode_event
from infrastructure.codec.object_document import personal_fields
from infrastructure.codec.stored_event import StoredEvent, read_stored
from infrastructure.codec.stored_names import STORED_NAMES
from infrastructure.codec.upcasters import UPCASTERS
from tests.infrastructure.codec.events import EVENT_TYPES, EVENTS, fixed
from tests.infrastructure.codec.sample import SAMPLES

NOON = fixed(Retried).at


@given(EVENTS)
def test_any_event_reads_back_equal(event: Fact) -> None:
    name, data = encode_event(event)

    assert decode_event(name, data) == event


def test_every_event_has_exactly_one_current_name() -> None:
    assert set(STORED_NAMES) == set(EVENT_TYPES)
    assert len(set(STORED_NAMES.values())) == len(EVENT_TYPES)
    assert not set(STORED_NAMES.values()) & set(UPCASTERS)


@pytest.mark.parametrize("event_type", EVENT_TYPES, ids=lambda type_: type_.__name__)
def test_an_event_is_written_as_its_sample_and_the_sample_is_read(
    event_type: type[Fact],
) -> None:
    event = fixed(event_type)
    name, data = encode_event(event)
    sample = (SAMPLES / f"{name}.json").read_bytes().strip()

    assert data == sample
    assert decode_event(name, sample) == event


def test_every_sample_can_be_read() -> None:
    names = [path.stem for path in SAMPLES.glob("*.json")]

    read = [decode_event(name, (SAMPLES / f"{name}.json").read_bytes()) for name in names]

    assert len(read) == len(names) == len(STORED_NAMES) + len(UPCASTERS)


def test_a_lab_that_became_ready_before_revisions_is_its_first_and_unknown() -> None:
    sample = (SAMPLES / "lab-instance.became-ready.v1.json").read_bytes()

    assert decode_event("lab-instance.became-ready.v1", sample) == BecameReady(
        revision=1, endpoint="the endpoint", isolation="unknown", at=NOON
    )


@pytest.mark.parametrize("name", UPCASTERS)
def test_every_upcaster_leads_to_a_current_name(name: str) -> None:
    seen = {name}
    while name in UPCASTERS:
        name = UPCASTERS[name].becomes
        assert name not in seen
        seen.add(name)

    assert name in STORED_NAMES.values()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("lab-instance.imagined.v1", b"{}"),
        ("lab-instance.retried.v9", b'{"at":"2026-03-01T12:00:00Z"}'),
        ("lab-instance.retried.v1", b'{"at":"2026-03-01T12:00:00Z"'),
        ("lab-instance.retried.v1", b'{"at":"2026-03-01T12:00:00"}'),
        ("lab-instance.retried.v1", b'{"at":"yesterday"}'),
        ("lab-instance.retried.v1", b'{"at":"2026-03-01T12:00:00Z","by":"ada"}'),
        ("lab-instance.retried.v1", b"{}"),
        ("lab-instance.retried.v1", b"[]"),
        ("lab-instance.retried.v1", b'{"at":"\xff"}'),
        ("lab-instance.became-ready.v1", b"[]"),
        ("lab-instance.became-ready.v1", b"nothing"),
        ("lab-instance.became-ready.v1", b"{}"),
    ],
)
def test_bytes_that_are_no_event_are_refused(name: str, data: bytes) -> None:
    with pytest.raises(Undecodable):
        decode_event(name, data)


@pytest.mark.parametrize(
    ("data", "metadata"), [(b"{}", b"{}"), (b'{"at":"2026-03-01T12:00:00Z"}', b'{"n":1}')]
)
def test_an_undecodable_event_is_named_by_position_stream_and_type(
    data: bytes, metadata: bytes
) -> None:
    stored = StoredEvent(
        position=41,
        stream="labinstance-a/b",
        version=1,
        id=UUID(int=1),
        type="lab-instance.retried.v1",
        data=data,
        metadata=metadata,
        recorded_at=NOON,
    )

    with pytest.raises(UndecodableEvent, match=r"retried\.v1.*41.*labinstance-a/b") as error:
        read_stored(stored)

    assert (error.value.position, error.value.stream) == (41, "labinstance-a/b")


def test_a_time_without_zone_is_not_written() -> None:
    with pytest.raises(msgspec.ValidationError):
        encode_event(Retried(at=datetime(2026, 3, 1)))  # noqa: DTZ001  what is refused here


def test_the_students_address_is_known_to_be_personal() -> None:
    assert list(personal_fields(LabInstanceCreated)) == ["spec.studentEmail"]
    assert list(personal_fields(Retried)) == []
