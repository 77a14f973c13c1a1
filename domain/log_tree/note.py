"""Signed notes in C2SP's form: a text, and the signatures under it. No cryptography."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

_ED25519 = b"\x01"
_SIGNED_BY = "\u2014 "
_HASH = 4
LONGEST = 10_000
"""No note of ours has more characters."""


class NoNote(ValueError):
    """The text is no signed note, or the key no verifier key, for the reason given."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """What tells whether somebody has signed: the name of the key, and its 32 public bytes."""

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """By which a signature names its key."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_HASH]

    def __str__(self) -> str:
        """The key as C2SP writes it."""
        return f"{self.name}+{self.hash.hex()}+{b64encode(_ED25519 + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """The text, which ends with its line, and the lines under it."""

    text: str
    signatures: tuple[str, ...]

    def __str__(self) -> str:
        """The note as it is kept and sent."""
        return self.text + "\n" + "".join(f"{line}\n" for line in self.signatures)

    def signature_by(self, key: VerifierKey) -> bytes | None:
        """The bytes that the key is said to have signed the text with."""
        for line in self.signatures:
            name, _, coded = line.removeprefix(_SIGNED_BY).rpartition(" ")
            if name != key.name:
                continue
            signature = _decoded(coded)
            if signature[:_HASH] == key.hash:
                return signature[_HASH:]
        return None


def signed_note(text: str, key: VerifierKey, signature: bytes) -> SignedNote:
    """The text with one signature of the key under it."""
    coded = b64encode(key.hash + signature).decode()
    return SignedNote(text, (f"{_SIGNED_BY}{key.name} {coded}",))


def read_note(written: str) -> SignedNote:
    """The note that is written so. Raises NoNote."""
    text, separator, below = written.rpartition("\n\n")
    lines = below.removesuffix("\n").split("\n")
    if len(written) > LONGEST or not separator or not below.endswith("\n"):
        raise NoNote("it is no signed note")
    if not all(line.startswith(_SIGNED_BY) for line in lines):
        raise NoNote("a line under the text is no signature")
    return SignedNote(text + "\n", tuple(lines))


def read_verifier_key(written: str) -> VerifierKey:
    """The key that is written so. Raises NoNote."""
    name, _, rest = written.strip().partition("+")
    hash_, _, coded = rest.partition("+")
    public = _decoded(coded)
    key = VerifierKey(name, public[1:])
    if not name or public[:1] != _ED25519 or len(public) != 33 or key.hash.hex() != hash_:
        raise NoNote("it is no verifier key of Ed25519, like name+1a2b3c4d+base64")
    return key


def _decoded(coded: str) -> bytes:
    try:
        return b64decode(coded, validate=True)
    except ValueError as error:
        raise NoNote("its base64 cannot be read") from error
