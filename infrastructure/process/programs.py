"""The system's own programs that starting labs needs."""

import shutil

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where they are looked for, whatever the service's own path is; also the end of labs' paths."""


class ToolMissing(Exception):
    """A program that starting labs needs is not installed; the text names it."""


def tool(name: str) -> str:
    """The path of a program of the system's. Raises ToolMissing."""
    found = shutil.which(name, path=SYSTEM_PATH)
    if found is None:
        raise ToolMissing(f"{name} is missing: apt-get install util-linux coreutils")
    return found
