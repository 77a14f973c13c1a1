"""Who may be connected when many are."""

from dataclasses import dataclass, field

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
