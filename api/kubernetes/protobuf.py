"""Bodies in protobuf, which newer clients send for the kinds that Kubernetes itself brings.

Only what they send is read, by the fields of the kind; answers are JSON, which they all take.
The work is bounded by the size of a body: every byte is looked at once on each level, and
levels are those of the kind's own fields.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from api.http.refusals import BadRequest, BodyTooLarge
from api.kubernetes.protobuf_fields import ByName, Many, Message, Scalar
from api.kubernetes.protobuf_kinds import message_of
from api.kubernetes.protobuf_wire import LENGTH, VARINT, Malformed, Value, records, signed
from domain.shown import shown

PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf"

_MAGIC = b"k8s\0"
_LARGEST = 256 * 1024
_TEXT = Scalar.TEXT
_TYPE_META = Message({1: ("apiVersion", _TEXT), 2: ("kind", _TEXT)})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_Field = Scalar | Message | Many | ByName


def decode(body: bytes) -> dict[str, object]:
    """The object as its JSON would tell it; what is empty is absent. Raises BadRequest, and
    BodyTooLarge for what would hold up others: two bytes can be a whole field."""
    if len(body) > _LARGEST:
        raise BodyTooLarge(_LARGEST)
    if not body.startswith(_MAGIC):
        raise BadRequest("the body of the request is not protobuf as Kubernetes sends it")
    try:
        parts = {number: value for number, _, value in records(memoryview(body)[len(_MAGIC) :])}
        meta = _message(_TYPE_META, parts.get(1, b""))
        version, kind = meta.get("apiVersion", ""), meta.get("kind", "")
        message = message_of(version, kind)
        if message is None:
            raise BadRequest(f"no kind '{shown(kind)}' of '{shown(version)}' is read as protobuf")
        return {"apiVersion": version, "kind": kind, **_message(message, parts.get(2, b""))}
    except (Malformed, UnicodeDecodeError, OverflowError):
        raise BadRequest("the body of the request is not valid protobuf") from None


def _message(message: Message, content: Value) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for number, wire_type, value in records(_bytes(content)):
        if number in message.fields:
            name, field = message.fields[number]
            _put(told, name, field, _checked(field, wire_type, value))
    return told


def _put(told: dict[str, Any], name: str, field: _Field, value: Value) -> None:
    match field:
        case Many(of=of):
            told.setdefault(name, []).append(_single(of, value))
        case ByName(of=of):
            key, entry = _entry(of, value)
            told.setdefault(name, {})[key] = entry
        case _:
            single = _single(field, value)
            if single not in ("", {}):
                told[name] = single


def _entry(of: Scalar | Message, value: Value) -> tuple[str, Any]:
    entry = _message(Message({1: ("key", _TEXT), 2: ("value", of)}), value)
    empty = "" if of is _TEXT else []
    return entry.get("key", ""), entry.get("value", empty)


def _single(field: Scalar | Message, value: Value) -> Any:
    match field:
        case Scalar.TEXT:
            return str(_bytes(value), "utf-8")
        case Scalar.NUMBER:
            return signed(value)
        case Scalar.TRUTH:
            return bool(value)
        case Scalar.TIME:
            return _time(value)
        case Message(inline=True):
            return next(iter(_message(field, value).values()), [])
        case Message():
            return _message(field, value)


def _time(value: Value) -> str:
    seconds = nanos = 0
    for number, wire_type, part in records(_bytes(value)):
        if wire_type == VARINT and number == 1:
            seconds = signed(part)
        elif wire_type == VARINT and number == 2:
            nanos = signed(part)
    if not seconds and not nanos:
        return ""
    moment = _EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)
    return moment.isoformat().replace("+00:00", "Z")


def _checked(field: _Field, wire_type: int, value: Value) -> Value:
    wanted = VARINT if field in (Scalar.NUMBER, Scalar.TRUTH) else LENGTH
    if wire_type != wanted:
        raise Malformed
    return value


def _bytes(value: Value) -> memoryview:
    if isinstance(value, int):
        raise Malformed
    return memoryview(value)
