"""The fields that clients keep in the status of a lab, beside those that are the service's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from api.labs.shapes import LabStatus
from domain.errors import FaultReason, FieldFault, InvalidLabInstance
from domain.lab_instance.status import ConditionType

_OWN_FIELDS = frozenset(LabStatus.__struct_encode_fields__) - {"conditions"}
_OWN_CONDITIONS = frozenset(each.value for each in ConditionType)
_MOST_FIELDS = 64
_LONGEST_NAME = 253
_MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What clients keep, by name. `ignored` names what they wanted of fields not theirs."""

    fields: Mapping[str, Any]
    ignored: tuple[str, ...]

    def texts(self) -> Mapping[str, str]:
        """The fields as they are recorded: JSON texts that are equal when their values are."""
        return {
            name: msgspec.json.encode(value, order="sorted").decode()
            for name, value in self.fields.items()
        }


def reported_in(name: str, status: Any, own: Mapping[str, Any]) -> Reported:
    """What is the clients' in a status they wrote for the lab of that name. `own` is what the
    service says now. Raises InvalidLabInstance."""
    if status is None:
        return Reported(fields={}, ignored=())
    if not isinstance(status, dict):
        raise InvalidLabInstance(name, [_wrong("status", "must be an object")])
    ignored = [
        f"status.{key}"
        for key, value in status.items()
        if key in _OWN_FIELDS and value is not None and value != own.get(key)
    ]
    fields = {
        key: value
        for key, value in status.items()
        if key not in _OWN_FIELDS and key != "conditions" and value is not None
    }
    faults = list(_faults(fields))
    theirs, condition_faults = _conditions(status.get("conditions"))
    if theirs:
        fields["conditions"] = theirs
    if faults or condition_faults:
        raise InvalidLabInstance(name, [*faults, *condition_faults])
    return Reported(fields=fields, ignored=tuple(ignored))


def _faults(fields: Mapping[str, Any]) -> Sequence[FieldFault]:
    if len(fields) > _MOST_FIELDS or len(msgspec.json.encode(fields)) > _MOST_BYTES:
        message = (
            f"must have at most {_MOST_FIELDS} fields of clients, of {_MOST_BYTES} bytes in all"
        )
        return [FieldFault(field="status", reason=FaultReason.TOO_LONG, message=message)]
    if any(not 0 < len(name) <= _LONGEST_NAME for name in fields):
        return [_wrong("status", f"names of fields have 1 to {_LONGEST_NAME} characters")]
    return []


def _conditions(given: Any) -> tuple[list[Any], Sequence[FieldFault]]:
    """The conditions that are not the service's own."""
    field = "status.conditions"
    if given is None:
        return [], []
    if not isinstance(given, list):
        return [], [_wrong(field, "must be an array")]
    types: set[str] = set()
    for item in given:
        type_ = item.get("type") if isinstance(item, dict) else None
        if not isinstance(type_, str) or not type_:
            return [], [_wrong(field, "every condition must be an object with a type")]
        if type_ in types:
            return [], [_wrong(field, "there may be only one condition of each type")]
        types.add(type_)
    return [item for item in given if item["type"] not in _OWN_CONDITIONS], []


def _wrong(field: str, message: str) -> FieldFault:
    return FieldFault(field=field, reason=FaultReason.INVALID, message=message)
