"""Objects on a stream of bytes between two processes of ours: a length of four bytes, then
the object. Neither end reads what anybody else may write."""

import pickle
from collections.abc import Iterator
from typing import Any

_LENGTH = 4


def framed(message: Any) -> bytes:
    """The message's bytes, with their length before them."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(_LENGTH, "big") + body


class Frames:
    """Puts messages together again, whatever parts they arrive in."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        """The messages that are complete with this part."""
        self._received += data
        start = 0
        while (body := start + _LENGTH) <= len(self._received):
            end = body + int.from_bytes(self._received[start:body], "big")
            if end > len(self._received):
                break
            yield pickle.loads(memoryview(self._received)[body:end])  # noqa: S301  see above
            start = end
        del self._received[:start]
