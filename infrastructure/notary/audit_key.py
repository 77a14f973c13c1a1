"""The key that signs checkpoints of the log: in a file of its own, better outside the data."""

import base64
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from domain.log_tree.checkpoint import LogCheckpoint
from domain.log_tree.note import SignedNote, VerifierKey, read_note, signed_note
from infrastructure.data_directory.private_files import write_private
from infrastructure.unusable import Unusable, reason_of

_FILE = "audit.key"
_TRUSTED = "audit.keys"
_LARGEST = 16 * 1024


class UnusableAuditKey(Unusable):
    """The file holds no key that can sign checkpoints of this log. Its content is not shown."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the audit key {str(path)!r} cannot be used: {reason}")


class AuditKey:
    """An Ed25519 key. What it signs bears the name of the log."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def verifier(self, origin: str) -> VerifierKey:
        """What tells whether it has signed in the name of that log."""
        return VerifierKey(origin, self.public)

    def sign(self, checkpoint: LogCheckpoint) -> str:
        """The signed note of the checkpoint."""
        key = self.verifier(checkpoint.origin)
        text = checkpoint.text
        return str(signed_note(text, key, self._private.sign(text.encode())))


def audit_key(data_dir: Path, named: Path | None) -> AuditKey:
    """The key in the file that was named, or else in `data_dir`/audit.key, which is made,
    readable for its owner only, where there is none. Raises UnusableAuditKey, also where another
    key signed here before, and OSError."""
    path = named or data_dir / _FILE
    if named is None and not path.exists():
        write_private(path, _made())
    key = AuditKey(_read(path))
    known = trusted_keys(data_dir)
    if known and key.public not in known:
        raise UnusableAuditKey(
            path,
            "checkpoints of this log were signed by another one: put that key back, or accept "
            "this one with `labctl audit key --accept`",
        )
    if not known:
        trust(data_dir, key)
    return key


def key_to_accept(data_dir: Path, named: Path | None) -> AuditKey:
    """The key in the file, whatever signed here before. Raises UnusableAuditKey."""
    return AuditKey(_read(named or data_dir / _FILE))


def trust(data_dir: Path, key: AuditKey) -> None:
    """Remember that this key may sign here, beside those before. Raises OSError."""
    keys = {*trusted_keys(data_dir), key.public}
    lines = sorted(base64.b64encode(public).decode() for public in keys)
    write_private(data_dir / _TRUSTED, "".join(f"{line}\n" for line in lines))


def trusted_keys(data_dir: Path) -> frozenset[bytes]:
    """The public keys that have signed here. Who can write into the data directory can add one:
    compare them with what you know. Raises UnusableAuditKey, OSError."""
    path = data_dir / _TRUSTED
    if not path.exists():
        return frozenset()
    try:
        keys = [base64.b64decode(line, validate=True) for line in path.read_text().split()]
    except ValueError:
        raise UnusableAuditKey(path, "it is not a list of keys in base64") from None
    if any(len(key) != 32 for key in keys):
        raise UnusableAuditKey(path, "a line of it is no key of Ed25519")
    return frozenset(keys)


def checked(written: str, keys: frozenset[bytes], origin: str) -> tuple[SignedNote, bool]:
    """The note, and whether one of the keys has signed it in the name of that log.
    Raises NoNote."""
    note = read_note(written)
    return note, any(_is_signed(note, VerifierKey(origin, key)) for key in keys)


def _is_signed(note: SignedNote, key: VerifierKey) -> bool:
    signature = note.signature_by(key)
    if signature is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, note.text.encode())
    except InvalidSignature:
        return False
    return True


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        with path.open("rb") as file:
            key = load_pem_private_key(file.read(_LARGEST), password=None)
    except OSError as error:
        raise UnusableAuditKey(path, reason_of(error)) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableAuditKey(path, _WANTED) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableAuditKey(path, _WANTED)
    return key


def _made() -> str:
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    return pem.decode()


_WANTED = (
    "it must hold one private key of Ed25519 in PEM, without a password: make one with "
    "`openssl genpkey -algorithm ed25519 -out audit.key`"
)
