"""Headers that would narrow what a request may do, or change what it means. One that is not
understood is refused: to carry the request out without it would do more than was asked for."""

from collections.abc import Mapping

from starlette.types import Scope

from api.http.refusals import BadRequest, ImpersonationRefused, UnsupportedEncoding

_IMPERSONATION = b"impersonate-"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_CONDITIONS = frozenset({b"if-match", b"if-none-match", b"if-unmodified-since"})
_OTHER_MEANINGS = frozenset(
    {b"content-range", b"x-http-method", b"x-http-method-override", b"x-method-override"}
)
_LOOKED_AT = _CONDITIONS | _OTHER_MEANINGS | {b"content-encoding"}


def refuse_unsupported(scope: Scope, headers: Mapping[bytes, bytes], user: str) -> None:
    """Raises ImpersonationRefused, UnsupportedEncoding or BadRequest, naming the header."""
    if _IMPERSONATION in b" ".join(headers):
        for name in headers:
            if name.startswith(_IMPERSONATION):
                raise ImpersonationRefused(name.decode("latin-1"), user)
    if _LOOKED_AT.isdisjoint(headers):
        return
    unheard = _OTHER_MEANINGS
    if scope["method"] not in _READING:
        unheard = _OTHER_MEANINGS | _CONDITIONS
    for header in sorted(unheard & headers.keys()):
        raise BadRequest(
            f"the header {header.decode()} is not supported, and the request would do something "
            "else without it; metadata.resourceVersion in the body is a precondition"
        )
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in (b"", b"identity"):
        raise UnsupportedEncoding
