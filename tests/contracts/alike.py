"""What searches have in common that compare an event store with memory: how far they go, and the
steps that both stores answer alike."""

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from application.ports.event_store import NewEvent, Tip
from tests.infrastructure.codec.events import EVENTS
from tests.searching import examples

STREAMS = st.sampled_from(["a", "b"])
SMALL = st.integers(0, 6)


def budget(number: int) -> settings:
    """So many runs of twenty steps. Each step waits for a disk or a server, so a failure is told
    as it was found instead of shrunk for minutes."""
    return settings(
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        max_examples=examples(number),
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


class EventStoreSteps:
    """Steps of a state machine whose `both` asks two event stores and compares."""

    def both(self, method: str, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError

    @rule(
        stream=STREAMS,
        version=SMALL,
        ids=st.lists(SMALL, max_size=3),
        event=EVENTS,
        metadata=st.dictionaries(st.sampled_from(["actor", "$by", "ü"]), st.text(max_size=5)),
    )
    def append(
        self, stream: str, version: int, ids: list[int], event: Any, metadata: dict[str, str]
    ) -> None:
        events = [NewEvent(id=UUID(int=id_), event=event, metadata=metadata) for id_ in ids]
        self.both("append", stream, events, expected=Tip(version, "hash" if version else ""))

    @rule(stream=STREAMS, from_version=st.none() | st.integers(-1, 8), backwards=st.booleans())
    def read_stream(self, stream: str, from_version: int | None, backwards: bool) -> None:
        self.both("read_stream", stream, from_version=from_version, backwards=backwards)
