"""What goes wrong on demand."""

import asyncio
from dataclasses import dataclass, field

import grpc


@dataclass(kw_only=True)
class Faults:
    """Troubles of real servers. Those with a number are used up by one each time.

    `failures_before_commit`: appends that fail with `failure` and store nothing.
    `lost_replies`: appends that are stored and then fail with `failure`.
    `silent_appends`: appends that are stored, and end without a reply and without an error.
    `failed_reads`: reads and subscriptions that fail with `failure` before they begin.
    `delay`: seconds that every call waits first.
    `cuts`: subscriptions that break with `failure` after `cut_after` events.
    `halved_reads`: reads that break with `failure` after one event.
    `tells_catching_up`: false for servers before 23.10, which never say it.
    `unimplemented`: every call is unknown, as to a server of another kind or time.
    `is_follower`: appends are refused by a node that does not lead; `leader_port`: where the
    one is that does.
    `leaks`: the filter lets everything through.
    `held`: while it is set, calls are taken and never answered.
    """

    failure: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
    details: str = "the test wants it so"
    failures_before_commit: int = 0
    lost_replies: int = 0
    silent_appends: int = 0
    failed_reads: int = 0
    delay: float = 0.0
    cuts: int = 0
    cut_after: int = 0
    halved_reads: int = 0
    tells_catching_up: bool = True
    unimplemented: bool = False
    is_follower: bool = False
    leader_port: int = 1
    leaks: bool = False
    held: asyncio.Event = field(default_factory=asyncio.Event)

    def happens(self, kind: str) -> bool:
        """Whether this one goes wrong; one less will."""
        left = int(getattr(self, kind))
        setattr(self, kind, max(0, left - 1))
        return left > 0
