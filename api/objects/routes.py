"""The paths of objects, and who answers them."""

from collections.abc import Mapping, Sequence

from api.http.routing import Methods
from api.objects.change import ObjectChange
from api.objects.create import ObjectCreate
from api.objects.delete import ObjectDelete
from api.objects.object_kind import ObjectKind
from api.objects.reads import ObjectReads
from api.services import Services


def object_paths(services: Services, kinds: Sequence[ObjectKind]) -> Mapping[str, Methods]:
    """All paths of objects of these kinds."""
    return {path: methods for what in kinds for path, methods in _paths(services, what).items()}


def _paths(services: Services, what: ObjectKind) -> Mapping[str, Methods]:
    kind = what.kind
    reads, change = ObjectReads(services, what), ObjectChange(services, what)
    create, deletion = ObjectCreate(services, what), ObjectDelete(services, what)
    everywhere = f"{kind.base}/{kind.plural}"
    inside = f"{kind.base}/namespaces/{{namespace}}/{kind.plural}"
    collection = inside if kind.namespaced else everywhere
    many = {"GET": reads.list_or_watch, "POST": create.create}
    if "deletecollection" in kind.verbs:
        many["DELETE"] = deletion.delete_collection
    one = {
        "GET": reads.get,
        "PUT": change.replace,
        "PATCH": change.patch,
        "DELETE": deletion.delete,
    }
    return {
        everywhere: {"GET": reads.list_or_watch},
        collection: many,
        f"{collection}/{{name}}": one,
    }
