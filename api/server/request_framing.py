"""Where a request is: in its head or in its body, and how much of either has come. The parser
does not say, and bounds need it exactly."""

from collections.abc import Mapping
from http import HTTPStatus

from api.server.wire_refusals import RefusedOnTheWire

_END_OF_HEAD = b"\r\n\r\n"
_PIECE = 4096  # of chunks, whose number is known only after they are parsed


class RequestFraming:
    """The place in one request after the other. Pieces that end where `advance` says hold one
    head at most, so that no head escapes the count and no second request slips by.

    `in_body`: the head has ended and the request has not. `chunked`: the latest body says its
    length as it comes. `arrived`: the latest request has ended, or none has begun. `parts`: how
    many parts of bodies have come, since whoever sets it to 0 did so. `counted`: how many bytes
    came that are no body, since the request or its body began.
    """

    def __init__(self) -> None:
        self.in_body = False
        self.chunked = False
        self.arrived = True
        self.parts = 0
        self.counted = 0
        self._uncounted = 0  # what of a body's piece is none is known after it is parsed
        self._left = 0  # of a body whose length was announced
        self._tail = b""  # the last bytes of a head that goes on

    def advance(self, data: bytes, place: int) -> int:
        """Where the piece of `data` ends that begins at `place` and comes next. A head's piece is
        counted now, a body's when the next one comes."""
        if self.in_body:
            longest = _PIECE if self.chunked else max(self._left, 1)
            stop = min(len(data), place + longest)
            self.counted += self._uncounted
            self._uncounted = stop - place
            return stop
        stop = self._end_of_head(data, place)
        self.counted += stop - place
        return stop

    def _end_of_head(self, data: bytes, place: int) -> int:
        tail = self._tail
        if tail:
            found = (tail + data[place : place + 3]).find(_END_OF_HEAD)
            if found >= 0:
                return place + found + len(_END_OF_HEAD) - len(tail)
        found = data.find(_END_OF_HEAD, place)
        if found >= 0:
            return found + len(_END_OF_HEAD)
        self._tail = (tail + data[max(place, len(data) - 3) :])[-3:]
        return len(data)

    def excess(self, most: int) -> RefusedOnTheWire:
        """What is said when more than `most` bytes were counted."""
        if self.in_body:
            chunks = f"the body's chunks take more than {most} bytes besides what they bring"
            return RefusedOnTheWire(HTTPStatus.BAD_REQUEST, f"{chunks}: send fewer, larger ones")
        large = f"the head is larger than {most} bytes"
        return RefusedOnTheWire(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, large)

    def begin(self) -> None:
        """A request begins."""
        self.arrived = self.chunked = False

    def enter_body(self, headers: Mapping[bytes, bytes]) -> None:
        """The head has ended."""
        self.in_body = True
        self.counted, self._uncounted, self._tail = 0, 0, b""
        self.chunked = b"transfer-encoding" in headers
        self._left = int(headers.get(b"content-length") or 0)

    def body_arrived(self, size: int) -> None:
        """So many bytes of the body have come."""
        self._left -= size
        self.counted -= size
        self.parts += 1

    def complete(self) -> None:
        """The request has ended."""
        self.in_body = False
        self.arrived = True
        self.counted, self._tail = 0, b""
