"""Which stream tells a lab's story: one for each name, through all its incarnations."""

from domain.lab_instance.key import LabKey

_PREFIX = "labinstance-"


def stream_of(key: LabKey) -> str:
    """The stream of the lab: `labinstance-<namespace>/<name>`."""
    return f"{_PREFIX}{key.namespace}/{key.name}"


def is_lab_stream(stream: str) -> bool:
    """Whether a stream tells the story of a lab."""
    return stream.startswith(_PREFIX)


def key_of(stream: str) -> LabKey:
    """The lab that a stream of `stream_of` belongs to."""
    namespace, _, name = stream.removeprefix(_PREFIX).partition("/")
    return LabKey(namespace, name)
