"""What a lab finds of its confinement: run by the labs' Python in a directory like a lab's own,
with the files that it must not read as arguments. Its answer is one line of JSON.

It runs from this text, so it imports nothing of the service.
"""

import json
import os
import sys
from pathlib import Path


def found(forbidden: list[str]) -> dict[str, object]:
    """What this process is, and what it can do."""
    status = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines()
    )
    return {
        "user": os.getuid(),
        "group": os.getgid(),
        "groups": [group for group in os.getgroups() if group != os.getgid()],
        "capabilities": int(status["CapEff"], 16) | int(status["CapPrm"], 16),
        "may_gain": int(status["NoNewPrivs"]) == 0,
        "processes": str(Path("/proc/self/ns/pid").readlink()),
        "read": [place for place in forbidden if os.access(place, os.R_OK)],
        "kernel": os.access("/proc/sys/kernel/core_pattern", os.W_OK),
        "writes": _writes(),
    }


def _writes() -> bool:
    try:
        Path("trial").write_text("written")
    except OSError:
        return False
    return True


if __name__ == "__main__":
    print(json.dumps(found(sys.argv[1:])))  # noqa: T201  its answer
