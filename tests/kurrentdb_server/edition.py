"""Which server this one is like: they differ in what they say of a wrong place, and in what they
send when a subscription has caught up. All of it was seen on servers of 23.10.6 and 24.2.0; of 25
the refusals are those of 24.2."""

from enum import Enum

import grpc


class Edition(Enum):
    """A release, and those after it up to the next one here."""

    V23_10 = "23.10"
    V24_2 = "24.2"
    V25 = "25"

    @property
    def tells_positions(self) -> bool:
        """Whether CaughtUp and FellBehind carry a position."""
        return self is Edition.V25

    @property
    def has_checkpoint_of_delivered(self) -> bool:
        """Whether a checkpoint of what was delivered last comes before CaughtUp; -1, which is
        the largest number there, where that is nothing."""
        return self is Edition.V24_2

    @property
    def has_checkpoint_of_considered(self) -> bool:
        """Whether a checkpoint of what was looked at last comes before CaughtUp."""
        return self is Edition.V25

    @property
    def counts_metadata(self) -> bool:
        """Whether metadata counts towards the size of an append."""
        return self is Edition.V25

    def misread(self, *, filtered: bool) -> str:
        """What is said to a read from a place at which no record begins."""
        kind = "FilteredReadAllResult" if filtered else "ReadAllResult"
        return f"Unexpected {kind}: {'Error' if self is Edition.V23_10 else 'InvalidPosition'}"

    def misread_backwards_past_the_end(self, *, filtered: bool) -> str:
        """What is said to a read backwards from a place after the last record."""
        return f"Unexpected {'FilteredReadAllResult' if filtered else 'ReadAllResult'}: Error"

    def missubscribed(self) -> tuple[grpc.StatusCode, str]:
        """What is said to a subscription after a place at which no record begins."""
        if self is Edition.V23_10:
            return grpc.StatusCode.UNKNOWN, "Exception was thrown by handler."
        return grpc.StatusCode.INVALID_ARGUMENT, "Trying to read from an invalid position"


NOWHERE = 2**64 - 1
"""-1 as the protocol writes it."""
