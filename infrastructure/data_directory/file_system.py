"""What kind of file system a directory is on: the kernel's number for it."""

import ctypes
from collections.abc import Mapping
from pathlib import Path

_ENOUGH = 256

NETWORK: Mapping[int, str] = {
    0x6969: "NFS",
    0x517B: "SMB",
    0xFF534D42: "SMB",
    0xFE534D42: "SMB",
    0x01021997: "9p",
    0x5346414F: "AFS",
    0x6B414653: "AFS",
    0x00C36400: "Ceph",
}
"""Those whose files other machines can have open as well."""

_FUSE = 0x65735546


def kind_of(path: Path) -> int:
    """The number of the file system that the path is on. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    found = (ctypes.c_ulong * (_ENOUGH // ctypes.sizeof(ctypes.c_ulong)))()
    if libc.statfs(bytes(path), found) != 0:
        raise OSError(ctypes.get_errno(), "statfs failed", str(path))
    return found[0] & 0xFFFFFFFF


def is_fuse(kind: int) -> bool:
    """Whether a program stands behind it, which may keep the files here or anywhere."""
    return kind == _FUSE
