"""JSON as it is sent: msgspec's, made once for all."""

from typing import Any

import msgspec

_encoder = msgspec.json.Encoder()


encode = _encoder.encode


encode_into = _encoder.encode_into


def plain(document: Any) -> dict[str, Any]:
    """The document as JSON values, such as a client would read."""
    values: dict[str, Any] = msgspec.to_builtins(document)
    return values
