"""Serves a directory to whoever has the token; runs inside a lab, on the standard library alone.

Arguments: the port, the file that holds the token, the directory.
"""

import hmac
import sys
from functools import partial
from http import HTTPStatus
from http.cookies import SimpleCookie
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


class GuardedHandler(SimpleHTTPRequestHandler):
    """Wants the token as `?token=`, which it turns into a cookie, or as bearer."""

    def __init__(self, token: str, cookie_name: str, *args: object, directory: str) -> None:
        self._token = token
        self._cookie_name = cookie_name
        super().__init__(*args, directory=directory)  # type: ignore[arg-type]

    def send_head(self):  # type: ignore[no-untyped-def]  # noqa: ANN201  as in the superclass
        """Answer 403 without the token; otherwise what the superclass does."""
        parts = urlsplit(self.path)
        if self._is_token(*parse_qs(parts.query).get("token", ())):
            self.send_response(HTTPStatus.SEE_OTHER)
            cookie = f"{self._cookie_name}={self._token}; HttpOnly; SameSite=Strict; Path=/"
            self.send_header("Set-Cookie", cookie)
            self.send_header("Location", "/" + parts.path.lstrip("/"))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        scheme, _, credentials = self.headers.get("Authorization", "").partition(" ")
        cookie_value = SimpleCookie(self.headers.get("Cookie", "")).get(self._cookie_name)
        known = cookie_value is not None and self._is_token(cookie_value.value)
        if known or (scheme == "Bearer" and self._is_token(credentials)):
            return super().send_head()
        self.send_error(HTTPStatus.FORBIDDEN, "The link with the token opens this lab")
        return None

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as in the superclass
        """Log nothing: request lines may hold the token."""

    def _is_token(self, given: str = "") -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())


def main(port: str, token_file: str, directory: str) -> None:
    """Serve until stopped."""
    token = Path(token_file).read_text(encoding="ascii").strip()
    # The name holds the port, because browsers share cookies between ports.
    handler = partial(GuardedHandler, token, f"lab-{port}", directory=directory)
    with ThreadingHTTPServer(("127.0.0.1", int(port)), handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
