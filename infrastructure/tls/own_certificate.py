"""A certificate that somebody else has made, and renews: the service only uses it."""

import ssl
from pathlib import Path

from infrastructure.tls.certificates import ServerFiles, UnusableCertificate


class OwnCertificate:
    """The files of a certificate, with its chain, and of its key, both in PEM."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate = certificate
        self._key = key
        self._changed_at = 0

    def files(self) -> ServerFiles:
        """The files as they are now. Raises UnusableCertificate when they do not belong together
        or are none, OSError when one cannot be read."""
        changed_at = max(each.stat().st_mtime_ns for each in (self._certificate, self._key))
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate, self._key, password=_nothing)
        except (ssl.SSLError, ValueError):
            reason = f"and {self._key} are no certificate and its key in PEM without a password"
            raise UnusableCertificate(self._certificate, reason, hint="") from None
        renewed, self._changed_at = changed_at != self._changed_at, changed_at
        return ServerFiles(
            certificate=self._certificate, key=self._key, authority="", renewed=renewed
        )


def _nothing() -> str:
    """Instead of a question on the terminal."""
    return ""
