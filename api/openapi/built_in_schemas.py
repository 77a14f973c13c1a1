"""Schemas of the kinds that Kubernetes itself brings, from the fields that are read of them."""

from api.kubernetes.kinds import Kind
from api.kubernetes.protobuf_fields import ByName, Many, Message, Scalar
from api.kubernetes.protobuf_kinds import message_of
from api.labs.schemas import Schema

_SCALARS: dict[Scalar, Schema] = {
    Scalar.TEXT: {"type": "string"},
    Scalar.NUMBER: {"type": "integer", "format": "int64"},
    Scalar.TRUTH: {"type": "boolean"},
    Scalar.TIME: {"type": "string", "format": "date-time"},
}


def built_in_schema(kind: Kind, metadata: Schema) -> Schema:
    """The schema of the kind around that of its metadata. What is answered may hold more."""
    message = message_of(kind.api_version, kind.kind)
    known = {} if message is None else _properties(message)
    return {
        "type": "object",
        "description": _description(kind),
        "properties": {
            "apiVersion": {"type": "string", "description": kind.api_version},
            "kind": {"type": "string", "description": kind.kind},
            **known,
            "metadata": metadata,
        },
        "x-kubernetes-preserve-unknown-fields": True,
    }


def _description(kind: Kind) -> str:
    ours = "neuroglia" in kind.group
    return "A signed checkpoint of the log." if ours else f"Kubernetes' {kind.kind}."


def _properties(message: Message) -> Schema:
    return {name: _schema(field) for name, field in message.fields.values()}


def _schema(field: Scalar | Message | Many | ByName) -> Schema:
    match field:
        case Scalar():
            return dict(_SCALARS[field])
        case Many(of=of):
            return {"type": "array", "items": _schema(of)}
        case ByName(of=of):
            return {"type": "object", "additionalProperties": _schema(of)}
        case Message(inline=True):
            (only,) = _properties(field).values()
            return dict(only)
        case Message():
            return {"type": "object", "properties": _properties(field)}
