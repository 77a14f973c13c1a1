"""What of the labs' disk no lab that starts may count on: the log may be on it too."""

import os
from pathlib import Path

from application.ports.provisioner import NoRoomToStart

_MIB = 1024 * 1024
_PART = 20
_FEWEST_FILES = 1000


def shortage(root: Path, reserve_mib: int) -> str:
    """What there is too little of on the disk for another lab to start, in words; empty when
    there is enough, or no reserve. The reserve is a twentieth of the disk at most."""
    about = os.statvfs(root)
    free = about.f_bavail * about.f_frsize // _MIB
    reserve = min(reserve_mib, about.f_blocks * about.f_frsize // _MIB // _PART)
    if free < reserve:
        return f"{free} MiB are free on the labs' disk, less than the reserve of {reserve} MiB"
    if reserve and about.f_files and about.f_favail < _FEWEST_FILES:  # some disks count no files
        return f"the labs' disk has room for {about.f_favail} files, less than {_FEWEST_FILES}"
    return ""


def refuse_without_room(root: Path, reserve_mib: int) -> None:
    """Raise NoRoomToStart when there is a shortage. May raise OSError."""
    short = shortage(root, reserve_mib)
    if short:
        raise NoRoomToStart(f"{short} (LAB_DISK_RESERVE): make room")
