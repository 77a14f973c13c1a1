"""Where a request is: in its head or in its body, and how much of either has come. The parser
does not say, and bounds need it exactly."""

from collections.abc import Sequence

_END_OF_HEAD = b"\r\n\r\n"


class RequestFraming:
    """The place in one request after the other. Pieces that end where `stop` says hold one head
    at most, so that no head escapes the count and no second request slips by.

    `in_body`: the head has ended and the request has not. `chunked`: the latest body says its
    length as it comes. `arrived`: the latest request has ended, or none has begun.
    """

    def __init__(self) -> None:
        self.in_body = False
        self.chunked = False
        self.arrived = True
        self._counted = 0  # bytes that are no body: of a head, or between the parts of a body
        self._left = 0  # of a body whose length was announced
        self._tail = b""  # the last bytes of a head that goes on

    def stop(self, data: bytes, place: int) -> int:
        """Where the piece of `data` ends that begins at `place`."""
        if self.in_body:
            return len(data) if self.chunked else min(len(data), place + max(self._left, 1))
        if self._tail:
            found = (self._tail + data[place : place + 3]).find(_END_OF_HEAD)
            if found >= 0:
                return place + found + len(_END_OF_HEAD) - len(self._tail)
        found = data.find(_END_OF_HEAD, place)
        return len(data) if found < 0 else found + len(_END_OF_HEAD)

    def count(self, piece: bytes) -> int:
        """How many bytes came that are no body, since the request began or its body went on. Of a
        body's own piece that is known only after it is parsed."""
        if self.in_body:
            before = self._counted
            self._counted += len(piece)
            return before if self.chunked else 0
        self._counted += len(piece)
        self._tail = (self._tail + piece[-3:])[-3:]
        return self._counted

    def begin(self) -> None:
        """A request begins."""
        self.arrived = self.chunked = False

    def enter_body(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """The head has ended."""
        self.in_body = True
        self._counted, self._tail = 0, b""
        named = dict(headers)
        self.chunked = b"transfer-encoding" in named
        self._left = int(named.get(b"content-length") or 0)

    def body_arrived(self, size: int) -> None:
        """So many bytes of the body have come."""
        self._left -= size
        self._counted = 0

    def complete(self) -> None:
        """The request has ended."""
        self.in_body = False
        self.arrived = True
        self._counted, self._tail = 0, b""
