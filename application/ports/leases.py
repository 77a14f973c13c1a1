"""Who may do a piece of work that only one process at a time must do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to one piece of work. `token` grows with every acquisition of that name, for
    ever, so that whoever sees two tokens knows which holder came later."""

    name: str
    holder: str
    token: int


class LeasesUnavailable(Exception):
    """The leases cannot be asked for now; whether the last request was carried out is
    unknown. Trying again later may succeed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the leases are unavailable: {reason}")


class Leases(Protocol):
    """Named leases, each with one holder at a time, shared by all who use the same store.

    Lengths of time are in seconds. When a lease ends is decided by the clock of the store
    alone: while that clock stands still nothing ends, and when it is set forward leases end
    early. A holder must therefore measure by a monotonic clock of its own, from before it
    asked, and stop in time; and where it counts, the token distinguishes a late holder from its
    successor. Every method raises LeasesUnavailable when the store cannot be used.
    """

    async def acquire(self, name: str, *, holder: str, seconds: float) -> Lease | None:
        """The lease, from now on for so long, when nobody holds it; None when another does.
        A holder that asks for what it holds gets it anew, and its former token is void."""

    async def renew(self, lease: Lease, *, seconds: float) -> bool:
        """Let it last for so long from now, under the same token. False, and nothing changes,
        when it is no longer this very one that is held: it ended, was released or taken."""

    async def release(self, lease: Lease) -> None:
        """Let others have it at once. Nothing changes when it is no longer held."""

    async def holders(self) -> Mapping[str, str]:
        """Who holds what at this moment: names of leases, with their holders."""
