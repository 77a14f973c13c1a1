"""Verifies a bundle of events from a Lab Resource Manager, without that program: with Python's
standard library and `cryptography` alone. docs/proof.md says what each step proves.

    python3 verify_bundle.py BUNDLE [VERIFIER_KEY]

The key should come from elsewhere: then the bundle proves what its signer vouched for. Exits
with 1 and names each line that is not right, with 2 when the file cannot be read.
"""

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Line = dict[str, Any]
_LABS = "labinstance-"
_SUM = len(',"sum":""}') + 32
_EVENT = "index position recordedAt stream version id type data metadata path"
_FIELDS = {
    "event": {*_EVENT.split()},
    "before": {"index", "position", "recordedAt", "hash", "path"},
    "head": {"index", "stream", "versions", "hash", "path"},
    "end": {"lines"},
}


class Wrong(Exception):
    """Something is not as it must be."""


def sha256(*parts: bytes) -> bytes:
    """Of all parts, one after the other."""
    return hashlib.sha256(b"".join(parts)).digest()


def uint64(number: int) -> bytes:
    """Eight bytes, the big end first; negative ones as two's complement."""
    return (number % (1 << 64)).to_bytes(8, "big")


def unbase64(written: str) -> bytes:
    """The bytes, which can be written in one way only."""
    found = base64.b64decode(written, validate=True)
    _require(base64.b64encode(found).decode() == written, "its base64 is not the usual one")
    return found


def root_by(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes | None:
    """RFC 9162, 2.1.3.2."""
    place, last, node = index, size - 1, leaf
    for other in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            node = sha256(b"\1", other, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = sha256(b"\1", node, other)
        place, last = place >> 1, last >> 1
    return None if last or not 0 <= index < size else node


class Checkpoint:
    """What the signer vouches for: the size and root of the log, and the heads of its streams."""

    def __init__(self, note: str, written_key: str) -> None:
        text, separator, signature = note.rpartition("\n\n")
        text, lines = text + "\n", text.split("\n")
        name, _, rest = written_key.strip().partition("+")
        key = unbase64(rest.partition("+")[2])
        key_hash = sha256(name.encode(), b"\n", key)[:4]
        if not separator or key_hash.hex() != rest.partition("+")[0] or key[:1] != b"\1":
            raise Wrong("the note or the verifier key is malformed")
        said = unbase64(signature.strip().rpartition(" ")[2])
        if lines[0] != name or f"\u2014 {name} " not in signature or said[:4] != key_hash:
            raise Wrong("the checkpoint is not signed by this key in the name of this log")
        try:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(said[4:], text.encode())
        except (InvalidSignature, ValueError):
            raise Wrong("the signature of the checkpoint does not hold") from None
        self.text, self.size, self.root = text, int(lines[1]), unbase64(lines[2])
        heads = [line.split(" ") for line in lines if line.startswith("heads ")]
        _, count, root = heads[0] if heads else ("", "0", "")
        self.heads, self.heads_root = int(count), unbase64(root)

    def require(self, line: Line, leaf: bytes) -> None:
        """The leaf is in the tree over the events, or in that over the heads."""
        of_heads = line["kind"] == "head"
        size, root = (self.heads, self.heads_root) if of_heads else (self.size, self.root)
        path = [unbase64(hash_) for hash_ in line["path"]]
        proved = root_by(line["index"], size, leaf, path) == root
        _require(proved, "it is not in what was signed, at this place")


class Bundle:
    """Takes line after line; `finish` says what is missing as a whole."""

    def __init__(self, header: Line, key: str) -> None:
        is_one = header.get("kind") == "bundle" and header.get("format") == 1
        _require(is_one, "this is no bundle of format 1")
        self.checkpoint = Checkpoint(header["note"], key or header["key"])
        self.about: Line = header["about"]
        self.tips: dict[str, tuple[int, str]] = {}
        self.heads: list[Line] = []
        self.indexes: list[int] = []
        self.before: Line | None = None
        self.ended: int | None = None

    def take(self, line: Line) -> None:
        """One line; raises Wrong."""
        fields = _FIELDS.get(line.get("kind", ""))
        known = fields is not None and line.keys() == fields | {"kind", "sum"}
        _require(known and self.ended is None, "it is no line of a bundle")
        if line["kind"] == "end":
            self.ended = line["lines"]
        elif line["kind"] == "event":
            self._take_event(line)
        elif line["kind"] == "head":
            name, hash_ = line["stream"].encode(), bytes.fromhex(line["hash"])
            leaf = sha256(b"\0", uint64(len(name)), name, uint64(line["versions"]), hash_)
            self.heads.append(line)
            self.checkpoint.require(line, leaf)
        else:
            self.before = line
            self.checkpoint.require(line, _leaf(line, line["hash"]))

    def _take_event(self, line: Line) -> None:
        stream, version, metadata = line["stream"], line["version"], line["metadata"]
        said = metadata[-66:-2]
        known, whole = self.tips.get(stream), "since" not in self.about
        earlier = known[1] if known else "" if whole else json.loads(metadata)["previousHash"]
        self.tips[stream] = (version, said)
        self.indexes.append(line["index"])
        bare = metadata[:-75].encode() + b"}"
        texts = [part.encode() for part in (earlier, stream, line["type"], line["data"])]
        parts = [*texts[:2], bytes.fromhex(line["id"]), *texts[2:], bare]
        digest = sha256(*(piece for part in parts for piece in (uint64(len(part)), part)))
        sealed = digest.hex() == said and metadata[-75:-66] == ',"hash":"'
        _require(sealed, "the event is not what was written")
        if known or whole:
            follows = version == (known[0] if known else 0) + 1
            _require(follows, "an event of its stream is missing before it")
        self.checkpoint.require(line, _leaf(line, said))

    def finish(self) -> Iterator[str]:
        """What is missing."""
        return self._since() if "since" in self.about else self._streams()

    def _streams(self) -> Iterator[str]:
        indexes = [head["index"] for head in self.heads]
        if indexes != list(range(indexes[0], indexes[0] + len(indexes)) if indexes else []):
            yield "a head is missing between two others"
        lab = self.about.get("lab")
        wanted = _LABS + (lab or f"{self.about['namespace']}/")
        if not self._covers(wanted.encode(), exact=bool(lab)):
            yield "nothing proves that these are all streams that were asked for"
        for head in self.heads:
            if head["stream"] == wanted or (not lab and head["stream"].startswith(wanted)):
                tip = self.tips.pop(head["stream"], None)
                if tip != (head["versions"], head["hash"]):
                    yield f"events of stream {head['stream']!r} are missing at its end"
        for stream in self.tips:
            yield f"stream {stream!r} was not asked for"

    def _covers(self, name: bytes, *, exact: bool) -> bool:
        streams = [head["stream"].encode() for head in self.heads]
        if exact and name in streams:
            return True
        if not streams:
            return False
        begins = streams[0] < name or self.heads[0]["index"] == 0
        beyond = streams[-1] > name and (exact or not streams[-1].startswith(name))
        return begins and (beyond or self.heads[-1]["index"] == self.checkpoint.heads - 1)

    def _since(self) -> Iterator[str]:
        start = self.before["index"] + 1 if self.before else 0
        if self.indexes != list(range(start, self.checkpoint.size)):
            yield "events are missing between the first one and the end of the log"
        asked = datetime.fromisoformat(self.about["since"]) - datetime(1970, 1, 1, tzinfo=UTC)
        since = asked // timedelta(microseconds=1)
        if self.before and self.before["recordedAt"] >= since:
            yield "the event before the first one is not older than what was asked for"


def _leaf(line: Line, hash_: str) -> bytes:
    at = uint64(line["recordedAt"])
    return sha256(b"\0", uint64(line["position"]), at, bytes.fromhex(hash_))


def verify(content: bytes, key: str = "") -> tuple[list[str], str]:
    """What is wrong with the bundle, and what it proves."""
    *lines, rest = content.split(b"\n")
    found, before = list[str](), b""
    bundle: Bundle | None = None
    for number, written in enumerate(lines, 1):
        try:
            line, before, fits = _read(written, before)
            if bundle is None:
                bundle = Bundle(line, key)
            else:
                bundle.take(line)
            _require(fits, "it is not as it was put there")
        except (Wrong, ValueError, LookupError, TypeError, AttributeError) as error:
            found.append(f"line {number}: {str(error) or type(error).__name__}")
            if bundle is None:
                return found, ""
    if rest or bundle is None or bundle.ended != len(lines) - 1:
        found.append(f"line {len(lines) + bool(rest)}: the bundle is cut: it has no end")
    return (found + list(bundle.finish()), bundle.checkpoint.text) if bundle else (found, "")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Wrong(otherwise)


def _read(written: bytes, before: bytes) -> tuple[Line, bytes, bool]:
    """The line, its sum, and whether that fits the line and the sum before."""
    line: Line = json.loads(written)
    usual = json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode()
    digest = hashlib.sha256(before + written[:-_SUM]).hexdigest()[:32]
    return line, line["sum"].encode(), usual == written and line["sum"] == digest


def main(arguments: list[str]) -> int:
    """Verify the file that is named."""
    try:
        content = Path(arguments[0]).read_bytes()
    except (IndexError, OSError) as error:
        sys.stderr.write(f"{__doc__}\n{error}\n")
        return 2
    found, proven = verify(content, arguments[1] if len(arguments) == 2 else "")
    sys.stdout.writelines(f"{trouble}\n" for trouble in found)
    if not found:
        sys.stdout.write(f"all of it is what was signed, and nothing is left out:\n{proven}")
        if len(arguments) == 1:
            sys.stdout.write("The key is the bundle's own: compare it with one from elsewhere.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
