"""The record that lets the next service know a lab again."""

from typing import Annotated

import msgspec

from domain.lab_instance.key import LabKey
from domain.lab_instance.validation import name_faults, namespace_faults

MOST_BYTES = 64 * 1024


_Pid = Annotated[int, msgspec.Meta(ge=0, le=(1 << 22))]
_Number = Annotated[int, msgspec.Meta(ge=0, le=(1 << 62))]


class RuntimeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One runtime, as it is written down before its process starts (`pid` 0) and after.

    `pid` and `start_time` name its first process; `init_pid` and `init_start_time` the first
    one inside its sandbox, with which the kernel ends all others there; `group` is the path of
    its control group; `account` the user it runs as, 0 for the service's own. All of them are
    the kernel's word, never the lab's. The number of a namespace is not kept: the kernel gives
    it to another one as soon as it is free. `position` is that of the event it was started for,
    a witness of how far the log went; `access` the form of the link that opens it, as its
    template had it then.
    """

    lab: LabKey
    uid: str
    revision: _Number
    template: str
    spec_hash: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    isolation: str
    boot_id: str
    owner: str = ""
    account: Annotated[int, msgspec.Meta(ge=0)] = 0
    pid: _Pid = 0
    start_time: _Number = 0
    init_pid: _Pid = 0
    init_start_time: _Number = 0
    group: str = ""
    position: _Number = 0
    access: str = ""
    ready: bool = False
    stopped: bool = False


def decode(content: bytes) -> RuntimeRecord | None:
    """The record; None when it is none, is longer than any is, or names no lab that can be."""
    if len(content) > MOST_BYTES:
        return None
    try:
        record = msgspec.json.decode(content, type=RuntimeRecord)
    except (msgspec.DecodeError, RecursionError):
        return None
    lab = record.lab
    nameless = namespace_faults("lab", lab.namespace) or name_faults("lab", lab.name)
    return None if nameless else record
