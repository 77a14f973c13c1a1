"""How many descriptors the service takes, on machines that give few and many."""

import subprocess
import sys

import pytest

_ASK = """
import resource, sys
from api.server.descriptors import places_for_connections
most, *limits = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, tuple(limits))
print(places_for_connections(most), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("limits", "places", "after"),
    [
        ((256, 4096), 2000, (4096, 4096)),
        ((256, 1024), 1024 - 256, (1024, 1024)),
        ((128, 200), 16, (200, 200)),
    ],
    ids=["raised", "fewer", "fewest"],
)
def test_the_limit_is_raised_and_256_are_kept_back(
    limits: tuple[int, int], places: int, after: tuple[int, int]
) -> None:
    words = [sys.executable, "-c", _ASK, "2000", *map(str, limits)]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    assert tuple(map(int, told.stdout.split())) == (places, *after)
    assert ("raise `ulimit -n`" in told.stderr) == (places < 2000)
