"""Who may be connected when many are."""

from dataclasses import dataclass, field

import pytest

from api.server.connections import Connections


@dataclass(eq=False)
class Peer:
    evicted: list[bool] = field(default_factory=list)

    def evict(self) -> None:
        self.evicted.append(True)


def test_the_longest_idle_makes_room() -> None:
    places = Connections(2)
    first, second = Peer(), Peer()
    for peer in (first, second):
        assert places.admit()
        places.rest(peer)
    places.rest(first)  # it has asked something since
    assert places.admit()
    assert (first.evicted, second.evicted) == ([], [True])


def test_a_refusal_is_logged_and_soon_after_only_counted(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    places = Connections(0, clock=lambda: now)
    assert not any([places.admit(), places.admit(), places.admit()])
    now = 11.0
    assert not places.admit()
    told = [
        vars(record)["unreported"] for record in caplog.records if record.levelname == "WARNING"
    ]
    assert told == [0, 2]
    assert "connections are refused: all are in use" in caplog.text


def test_a_connection_at_work_is_never_closed_for_another() -> None:
    places = Connections(1)
    peer = Peer()
    assert places.admit()
    places.rest(peer)
    places.wake(peer)
    assert not places.admit()
    assert peer.evicted == []
    places.leave()
    assert places.admit()
