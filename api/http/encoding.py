"""JSON as it is sent: msgspec's, made once for all."""

import msgspec

_encoder = msgspec.json.Encoder()


encode = _encoder.encode


encode_into = _encoder.encode_into
