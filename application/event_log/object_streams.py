"""Which stream tells an object's story: one for each name, through all its incarnations."""

from domain.api_object.key import ApiObjectKey, ApiObjectKind

_PREFIX = "lab"


def stream_of(key: ApiObjectKey) -> str:
    """The object's stream: `labnamespace-<name>`, `lablease-<namespace>/<name>`. They begin
    as those of labs do, since others may keep streams in the same store."""
    inside = f"{key.namespace}/" if key.namespace else ""
    return f"{_PREFIX}{key.kind.value}-{inside}{key.name}"


def key_of(stream: str) -> ApiObjectKey:
    """The object that a stream of `stream_of` belongs to."""
    kind, _, place = stream.removeprefix(_PREFIX).partition("-")
    namespace, _, name = place.rpartition("/")
    return ApiObjectKey(kind=ApiObjectKind(kind), namespace=namespace, name=name)
