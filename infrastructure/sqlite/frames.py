"""Messages on a stream of bytes: a length of four bytes, then the message."""

from collections.abc import Iterator

_LENGTH = 4


def framed(message: bytes) -> bytes:
    """The message with its length before it."""
    return len(message).to_bytes(_LENGTH, "big") + message


class Frames:
    """Puts messages together again, whatever parts they arrive in."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are complete with this part."""
        self._received += data
        start = 0
        while (body := start + _LENGTH) <= len(self._received):
            end = body + int.from_bytes(self._received[start:body], "big")
            if end > len(self._received):
                break
            yield bytes(self._received[body:end])
            start = end
        del self._received[:start]
