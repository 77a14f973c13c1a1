"""The files behind the HTTPS port: an authority made once, and the server's certificate, made
anew long before it ends. Clients trust the authority, so a renewal disturbs none of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from infrastructure.data_directory.private_files import write_private
from infrastructure.tls.authority import (
    Certified,
    certificate_text,
    key_text,
    new_authority,
    new_server,
    serves,
)
from infrastructure.unusable import Unusable

_ALWAYS_SERVED = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  not listened on here, only kept out of names
_RENEWED_BEFORE_ITS_END = timedelta(days=30)


class UnusableCertificate(Unusable):
    """A file of the certificates cannot be used; the message is one line without its content."""

    def __init__(self, path: Path, reason: str, hint: str | None = None) -> None:
        if hint is None:
            hint = f"; remove the folder {path.parent} to have it made anew"
        super().__init__(f"{path} {reason}{hint}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFiles:
    """Where the server's certificate and key stand, and the authority to trust, in PEM; empty
    when clients have to know it already.

    `renewed`: whether they are others than at the last look."""

    certificate: Path
    key: Path
    authority: str
    renewed: bool


def server_files(
    data_dir: Path, host: str, now: datetime, names: Sequence[str] = ()
) -> ServerFiles:
    """The certificate for `host`, `names` and this machine's own, good for a month at least.

    Raises UnusableCertificate, or OSError when a file cannot be read or written."""
    folder = data_dir / "tls"
    folder.mkdir(mode=0o700, exist_ok=True)
    authority = _kept(folder, "authority")
    if authority is None or not _lasts(authority, now):
        authority = new_authority(now)
        _keep(folder, "authority", authority)
    wanted = dict.fromkeys((*_ALWAYS_SERVED, host, *names))
    hosts = [name for name in wanted if name not in _EVERYWHERE]
    server = _kept(folder, "server")
    fits = server is not None and _fits(server, authority, hosts, now)
    if not fits:
        _keep(folder, "server", new_server(authority, hosts, now))
    return ServerFiles(
        certificate=folder / "server.crt",
        key=folder / "server.key",
        authority=certificate_text(authority.certificate),
        renewed=not fits,
    )


def _fits(server: Certified, authority: Certified, hosts: Sequence[str], now: datetime) -> bool:
    try:
        server.certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return serves(server.certificate, hosts) and _lasts(server, now)


def _lasts(certified: Certified, now: datetime) -> bool:
    """For a month at least. What was made while the clock was ahead is not good yet."""
    certificate = certified.certificate
    if certificate.not_valid_before_utc > now:
        return False
    return certificate.not_valid_after_utc - now >= _RENEWED_BEFORE_ITS_END


def _kept(folder: Path, name: str) -> Certified | None:
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    if not (certificate.exists() and key.exists()):
        return None
    try:
        read = x509.load_pem_x509_certificate(certificate.read_bytes())
        secret = load_pem_private_key(key.read_bytes(), password=None)
    except (ValueError, TypeError):
        raise UnusableCertificate(certificate, "or its key cannot be read") from None
    if not isinstance(secret, ec.EllipticCurvePrivateKey):
        raise UnusableCertificate(key, "is not a key of this service's making")
    if read.public_key() != secret.public_key():
        # A crash between the two files leaves a pair that does not fit.
        return None
    return Certified(certificate=read, key=secret)


def _keep(folder: Path, name: str, certified: Certified) -> None:
    write_private(folder / f"{name}.key", key_text(certified.key))
    write_private(folder / f"{name}.crt", certificate_text(certified.certificate))
