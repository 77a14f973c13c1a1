"""Who holds the other end of a connection over the loopback interface, as the kernel says it."""

import errno
import os
import re
import socket
import struct
from collections.abc import Iterable
from pathlib import Path

from infrastructure.process.ports import LOOPBACK
from infrastructure.process.proc import number, open_files

_SOCK_DIAG = 4  # the kernel's interface for one socket, by its addresses
_BY_FAMILY = 20
_REQUEST = 1
_ANY_STATE = 0xFFFFFFFF
_NO_COOKIE = b"\xff" * 8
_HEADER = struct.Struct("=IHHII")
_ASKED = struct.Struct("=BBBxI")
_FOUND = 16 + 4 + 48  # the header, the state, the addresses; then five numbers, the inode last
_NUMBERS = struct.Struct("=5I")
_ERROR = 2
_ERROR_NUMBER = struct.Struct("=i")
_PATIENCE = 1.0
_MOST_BYTES = 16 * 1024 * 1024
_MOST_DESCRIPTORS = 20_000
_ENTRY = re.compile(
    rb"\s*\d+: [0-9A-F]*?([0-9A-F]{8}):([0-9A-F]{4}) [0-9A-F]*?([0-9A-F]{8}):([0-9A-F]{4}) "
)


def inode_of(server: int, client: int) -> int:
    """The socket that the server at that port has accepted from our port `client`; 0 as long as
    it has not accepted it. Raises OSError."""
    try:
        return _asked(server, client)
    except OSError:
        return _looked_up(server, client)


def holder(inode: int, pids: Iterable[int]) -> int:
    """The one of these processes that holds the socket; 0 when none is seen to. Looks at a
    bounded number of descriptors."""
    wanted, left = f"socket:[{inode}]", _MOST_DESCRIPTORS
    for pid in pids:
        links = open_files(pid, most=left)
        if wanted in links:
            return pid
        left -= len(links) + 1
        if left <= 0:
            break
    return 0


def _asked(server: int, client: int) -> int:
    """The kernel's answer about that one connection, whose cost is not that of all others."""
    address = socket.inet_aton(LOOPBACK).ljust(16, b"\0")
    ports = struct.pack("!HH", server, client)
    asked = _ASKED.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, _ANY_STATE)
    asked += ports + address * 2 + bytes(4) + _NO_COOKIE
    message = _HEADER.pack(_HEADER.size + len(asked), _BY_FAMILY, _REQUEST, 1, 0) + asked
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
        kernel.settimeout(_PATIENCE)
        kernel.sendto(message, (0, 0))
        answer = kernel.recv(4096)
    kind = _HEADER.unpack_from(answer)[1]
    if kind == _ERROR and _ERROR_NUMBER.unpack_from(answer, _HEADER.size)[0] == -errno.ENOENT:
        return 0
    if kind != _BY_FAMILY:
        raise OSError(errno.ENOTSUP, "the kernel says nothing of single sockets")
    inode: int = _NUMBERS.unpack_from(answer, _FOUND)[4]
    return inode


def _looked_up(server: int, client: int) -> int:
    # Addresses are shown as numbers of this machine's kind, those of version 6 with a prefix.
    own = f"{struct.unpack('=I', socket.inet_aton(LOOPBACK))[0]:08X}".encode()
    wanted = (own, f"{server:04X}".encode(), own, f"{client:04X}".encode())
    for table in ("tcp", "tcp6"):
        for line in _lines(Path("/proc/self/net") / table):
            found = _ENTRY.match(line)
            if found is not None and found.groups() == wanted:
                return number(line.split()[9]) or 0
    return 0


def _lines(path: Path) -> list[bytes]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    with os.fdopen(handle, "rb") as file:
        return file.read(_MOST_BYTES).splitlines()
