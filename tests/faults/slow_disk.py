"""A disk whose `fsync` and `fdatasync` are slow or fail when a test says so: a library, made by
the machine's compiler, that stands before the C library's."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char mode(void) {
    char said = 'w';
    int file = open(getenv("DISK_MODE"), O_RDONLY);
    if (file >= 0) { if (read(file, &said, 1) != 1) said = 'w'; close(file); }
    return said;
}

static int synced(const char *name, int fd) {
    switch (mode()) {
    case 's': usleep(3000000); break;
    case 'f': errno = EIO; return -1;
    }
    return ((int (*)(int)) dlsym(RTLD_NEXT, name))(fd);
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }
"""


class SlowDisk:
    """Made in a folder of the test's. Whoever is started with its variables has this disk."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None:
            pytest.skip("there is no C compiler here to make a slow disk with")
        source, self._library = folder / "disk.c", folder / "disk.so"
        self._mode = folder / "disk.mode"
        source.write_text(_SOURCE)
        options = ["-shared", "-fPIC", "-O1", str(source), "-o", str(self._library), "-ldl"]
        subprocess.run([compiler, *options], check=True)
        self.works()

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of those who have this disk."""
        return {"LD_PRELOAD": str(self._library), "DISK_MODE": str(self._mode)}

    def works(self) -> None:
        """From now on it does what it says."""
        self._mode.write_text("w")

    def is_slow(self) -> None:
        """From now on it takes 3 s each time."""
        self._mode.write_text("s")

    def fails(self) -> None:
        """From now on it answers that it is broken."""
        self._mode.write_text("f")
