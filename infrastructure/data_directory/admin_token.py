"""The administrator's bearer token: made on first start, kept in a file of its own."""

import re
import secrets
from pathlib import Path

from infrastructure.data_directory.private_files import write_private
from infrastructure.unusable import Unusable

_FILE = "admin.token"
_USABLE = re.compile(r"[A-Za-z0-9._~+/=-]{16,512}")


class UnusableToken(Unusable):
    """The token file holds nothing that can serve as a token. Its content is not shown."""

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
        write_private(path, secrets.token_urlsafe(32) + "\n")
    token = path.read_text(encoding="ascii", errors="replace").strip()
    if not _USABLE.fullmatch(token):
        raise UnusableToken(path)
    return token
