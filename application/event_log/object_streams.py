"""Which stream tells a document's story: one for each name, through all its incarnations."""

from domain.api_object.key import DocumentKey, DocumentKind

_PREFIX = "lab"


def stream_of(key: DocumentKey) -> str:
    """The document's stream: `labnamespace-<name>`, `lablease-<namespace>/<name>`. They begin
    as those of labs do, since others may keep streams in the same store."""
    inside = f"{key.namespace}/" if key.namespace else ""
    return f"{_PREFIX}{key.kind.value}-{inside}{key.name}"


def key_of(stream: str) -> DocumentKey:
    """The document that a stream of `stream_of` belongs to."""
    kind, _, place = stream.removeprefix(_PREFIX).partition("-")
    namespace, _, name = place.rpartition("/")
    return DocumentKey(kind=DocumentKind(kind), namespace=namespace, name=name)
