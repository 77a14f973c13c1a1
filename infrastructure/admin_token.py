"""The administrator's bearer token: made on first start, kept in a file of its own."""

import os
import re
import secrets
from pathlib import Path

_FILE = "admin.token"
_USABLE = re.compile(r"[A-Za-z0-9._~+/=-]{16,512}")


class UnusableToken(Exception):
    """The token file holds nothing that can serve as a token. Its content is not told."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} holds no usable token: it needs one line of 16 to 512 letters, digits "
            "or ._~+/=-; remove the file to have a new token made"
        )


def admin_token(data_dir: Path) -> str:
    """The token in `data_dir`/admin.token, which is made, readable for its owner only, where
    there is none. Raises UnusableToken, or OSError when the file cannot be read or made."""
    path = data_dir / _FILE
    if not path.exists():
        _write_new(path, secrets.token_urlsafe(32))
    token = path.read_text(encoding="ascii", errors="replace").strip()
    if not _USABLE.fullmatch(token):
        raise UnusableToken(path)
    return token


def _write_new(path: Path, token: str) -> None:
    # Written aside and renamed: a crash leaves no half a token behind.
    aside = path.with_suffix(".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token + "\n")
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
