"""The whole log after trouble: every event of it, read through its store."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from infrastructure.codec.proof import Proof
from infrastructure.codec.raw_log import RawLog
from infrastructure.codec.stored_event import read_stored
from tests.scenarios.persistent_clients import Told

_OF_LABS = "labinstance-default/"


async def assert_log_is_whole(log: RawLog, told: Told) -> None:
    """Each stream holds what was written, without gap, in one order over all of them; and what
    clients were acknowledged is there once, for each lab in the order in which it was asked."""
    proof = Proof()
    asked: dict[str, list[str]] = defaultdict(list)
    async for stored in log.read(after=0):
        assert stored.position > proof.position
        proof.add(stored)
        metadata = read_stored(stored).metadata
        if metadata["actor"] == "admin" and stored.stream.startswith(_OF_LABS):
            asked[stored.stream.removeprefix(_OF_LABS)].append(metadata["$correlationId"])
    assert _of(told.acknowledged, asked) == told.requests


def _of(
    names: Mapping[str, str], asked: Mapping[str, Sequence[str]]
) -> Mapping[str, Sequence[str]]:
    return {name: asked[name] for name in names}
