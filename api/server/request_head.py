"""What the head of a request must be like, whatever it asks for."""

import string
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from api.server.wire_refusals import RefusedOnTheWire

_IN_A_HOST = (string.ascii_letters + string.digits + "-._~!$&'()*+,;=%:[]").encode()  # RFC 3986


def check_head(
    url: bytes,
    headers: Sequence[tuple[bytes, bytes]],
    named: Mapping[bytes, bytes],
    version: Callable[[], str],
    *,
    most_parameters: int,
) -> None:
    """Raises RefusedOnTheWire for too many parameters, and for a host that is not named as
    RFC 9112, section 3.2, asks. Names of headers are in lower case; `named`: the same headers,
    the last of each name."""
    if url.count(b"&") >= most_parameters:
        excess = f"the query has more than {most_parameters} parameters"
        raise RefusedOnTheWire(HTTPStatus.REQUEST_URI_TOO_LONG, excess)
    host = named.get(b"host")
    if host is None:
        if version() != "1.0":
            raise RefusedOnTheWire(HTTPStatus.BAD_REQUEST, "the head has no Host header")
        return
    if len(named) != len(headers) and [name for name, _ in headers].count(b"host") > 1:
        raise RefusedOnTheWire(HTTPStatus.BAD_REQUEST, "the head has more than one Host header")
    if host.translate(None, _IN_A_HOST):
        raise RefusedOnTheWire(HTTPStatus.BAD_REQUEST, "the Host header names no host")


def too_many_headers(most: int) -> RefusedOnTheWire:
    """For more than `most`, in the head or after the body."""
    excess = f"the request has more than {most} headers"
    return RefusedOnTheWire(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, excess)
