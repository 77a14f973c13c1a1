"""Settings that name a place outside: a file, or an address on the web."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from infrastructure.setting_values import Allowed


def _anchor_place(value: Any) -> Any:
    """A path, made absolute, in a folder that is there; or an address of a web server."""
    if not value:
        return value
    scheme, separator, _ = value.partition("://")
    if separator:
        parts = urlsplit(value)
        if scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            raise ValueError(value)
        return value
    path = Path(value).expanduser().absolute()
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError(value)
    return str(path)


AnchorPlace = Annotated[
    str,
    BeforeValidator(_anchor_place),
    Field(repr=False),
    Allowed("a file in a folder that exists, or an address such as https://notes.example.org/in"),
]
