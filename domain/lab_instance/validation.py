"""Validation of single fields, mostly by Kubernetes' rules. Pure; each rule returns all faults.
What needs the catalogue of templates is validated by admission."""

import re
from collections.abc import Mapping, Sequence

from domain.errors import FaultReason, FieldFault
from domain.shown import shown

MAX_ANNOTATIONS_BYTES = 256 * 1024
MAX_ENVIRONMENT_BYTES = 128 * 1024
MAX_ENTRIES = 256

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_C_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>,;\"]+@[^@\s\x00-\x1f\x7f<>,;\"]+")
_SET_BY_THE_SERVICE = frozenset({"HOME", "TMPDIR"})
_SHOWN = 64
_LONGEST_LETTER = 4  # bytes, in UTF-8

_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
    "'-' or '.', and must start and end with an alphanumeric character"
)
_QUALIFIED_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)


def name_faults(field: str, name: str) -> Sequence[FieldFault]:
    """A lab's name: an RFC 1123 subdomain of at most 253 characters."""
    return [_invalid(field, name, rule) for rule in _subdomain_problems(name)]


def namespace_faults(field: str, namespace: str) -> Sequence[FieldFault]:
    """A namespace: an RFC 1123 label of at most 63 characters."""
    if len(namespace) > 63:
        return [_invalid(field, namespace, "must be no more than 63 characters")]
    if not _LABEL.fullmatch(namespace):
        return [_invalid(field, namespace, _LABEL_RULE)]
    return []


def label_faults(field: str, labels: Mapping[str, str]) -> Sequence[FieldFault]:
    """Qualified keys, and values of at most 63 characters like the keys' name part."""
    if not labels:
        return []
    faults = _count_faults(field, labels)
    if faults:
        return faults
    for key, value in labels.items():
        faults += [_invalid(field, key, problem) for problem in qualified_name_problems(key)]
        faults += [_invalid(field, value, problem) for problem in label_value_problems(value)]
    return faults


def annotation_faults(field: str, annotations: Mapping[str, str]) -> Sequence[FieldFault]:
    """Qualified keys; any text, but all together at most 256 KiB."""
    if not annotations:
        return []
    faults = _count_faults(field, annotations)
    if faults:
        return faults
    for key, value in annotations.items():
        problems = qualified_name_problems(key.lower())
        faults += [_invalid(field, key, problem) for problem in problems]
        if "\x00" in value:
            faults.append(_control_fault(f"{field}[{shown(key, longest=_SHOWN)}]"))
    if _is_larger(annotations, MAX_ANNOTATIONS_BYTES):
        faults.append(_too_long(field, MAX_ANNOTATIONS_BYTES))
    return faults


def finalizer_faults(field: str, finalizers: Sequence[str]) -> Sequence[FieldFault]:
    """Qualified names, none twice."""
    if not finalizers:
        return []
    faults = _count_faults(field, finalizers)
    if faults:
        return faults
    for index, name in enumerate(finalizers):
        place = f"{field}[{index}]"
        faults += [_invalid(place, name, problem) for problem in qualified_name_problems(name)]
        if name in finalizers[:index]:
            faults.append(_invalid(place, name, "is given more than once"))
    return faults


def environment_faults(field: str, environment: Mapping[str, str]) -> Sequence[FieldFault]:
    """C identifiers, but none that the service sets (LAB_*, HOME, TMPDIR); values without
    NUL; 128 KiB in all."""
    faults = _count_faults(field, environment)
    if faults:
        return faults
    for name, value in environment.items():
        if len(name) > 253 or not _C_IDENTIFIER.fullmatch(name):
            rule = "must be a C identifier of at most 253 characters, such as MY_NAME"
            faults.append(_invalid(field, name, rule))
        elif name.upper().startswith("LAB_"):
            faults.append(_invalid(field, name, "names starting with LAB_ are reserved"))
        elif name in _SET_BY_THE_SERVICE:
            rule = "is the lab's own directory; any name but HOME, TMPDIR and LAB_* may be set"
            faults.append(_invalid(field, name, rule))
        if "\x00" in value:
            faults.append(_control_fault(f"{field}[{shown(name, longest=_SHOWN)}]"))
    if _is_larger(environment, MAX_ENVIRONMENT_BYTES):
        faults.append(_too_long(field, MAX_ENVIRONMENT_BYTES))
    return faults


def email_faults(field: str, address: str) -> Sequence[FieldFault]:
    """One address of the form name@domain. The address is never repeated in the fault."""
    if len(address) <= 254 and _EMAIL.fullmatch(address):
        return []
    message = "must be one e-mail address of at most 254 characters, such as ann@example.com"
    return [FieldFault(field=field, reason=FaultReason.INVALID, message=message)]


def qualified_name_problems(name: str) -> Sequence[str]:
    """What keeps `name` from being a qualified name: an optional DNS prefix, `/`, a name."""
    prefix, slash, local = name.rpartition("/")
    problems: list[str] = []
    if slash and not prefix:
        problems.append("prefix part must be non-empty")
    elif slash:
        problems += [f"prefix part {problem}" for problem in _subdomain_problems(prefix)]
    if not local:
        problems.append("name part must be non-empty")
    elif len(local) > 63:
        problems.append("name part must be no more than 63 characters")
    elif not _QUALIFIED.fullmatch(local):
        problems.append(_QUALIFIED_RULE)
    return problems


def label_value_problems(value: str) -> Sequence[str]:
    """What keeps `value` from being a label's value; the empty one is fine."""
    problems: list[str] = []
    if len(value) > 63:
        problems.append("must be no more than 63 characters")
    elif value and not _QUALIFIED.fullmatch(value):
        problems.append(
            "a valid label must be an empty string or consist of alphanumeric characters, "
            "'-', '_' or '.', and must start and end with an alphanumeric character"
        )
    return problems


def _subdomain_problems(name: str) -> Sequence[str]:
    if len(name) > 253:
        return ["must be no more than 253 characters"]
    return [] if _SUBDOMAIN.fullmatch(name) else [_SUBDOMAIN_RULE]


def _count_faults(field: str, entries: Mapping[str, str] | Sequence[str]) -> list[FieldFault]:
    if len(entries) <= MAX_ENTRIES:
        return []
    message = f"must have at most {MAX_ENTRIES} entries"
    return [FieldFault(field=field, reason=FaultReason.TOO_LONG, message=message)]


def _control_fault(field: str) -> FieldFault:
    message = "must not contain the NUL character"
    return FieldFault(field=field, reason=FaultReason.INVALID, message=message)


def _is_larger(entries: Mapping[str, str], limit: int) -> bool:
    letters = sum(map(len, entries)) + sum(map(len, entries.values()))
    if letters * _LONGEST_LETTER <= limit:  # as almost always
        return False
    return sum(len(text.encode()) for entry in entries.items() for text in entry) > limit


def _too_long(field: str, limit: int) -> FieldFault:
    message = f"must have at most {limit} bytes"
    return FieldFault(field=field, reason=FaultReason.TOO_LONG, message=message)


def _invalid(field: str, value: str, rule: str) -> FieldFault:
    message = f'"{shown(value, longest=_SHOWN)}": {rule}'
    return FieldFault(field=field, reason=FaultReason.INVALID, message=message)
