"""The first program of a lab inside its confinement: it takes on the lab's directory, limits and
environment, and becomes the lab's own program.

It runs in the labs' Python, from this text, so it imports nothing of the service. The
environment comes by a descriptor: in the arguments every user of the machine could read it, and
given to the programs before this one it could change what they do as root.
"""

import os
import resource
import sys


def main(descriptor: str, directory: str, limits: str, *command: str) -> None:
    """Become the command. `limits` is written like `NOFILE=4096,CORE=0`."""
    with open(int(descriptor), "rb") as handed:  # noqa: PTH123  a descriptor has no path
        entries = [entry for entry in handed.read().split(b"\0") if entry]
    environment = dict(entry.split(b"=", 1) for entry in entries)
    for limit in filter(None, limits.split(",")):
        name, _, value = limit.partition("=")
        kind = getattr(resource, f"RLIMIT_{name}")
        resource.setrlimit(kind, (int(value), int(value)))
    try:
        os.chdir(directory)
        os.execvpe(command[0], list(command), environment)  # noqa: S606  the template's own command
    except OSError as error:
        sys.exit(f"cannot start {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(*sys.argv[1:])
