"""The paths of objects, and who answers them."""

from collections.abc import Mapping

from api.kubernetes.events.posted import EVENT_OBJECTS, NEW_EVENT_OBJECTS
from api.kubernetes.objects.change import ObjectChange
from api.kubernetes.objects.create import ObjectCreate
from api.kubernetes.objects.delete import ObjectDelete
from api.kubernetes.objects.leases import LEASE_OBJECTS
from api.kubernetes.objects.namespaces import NAMESPACE_OBJECTS
from api.kubernetes.objects.object_kind import ObjectKind
from api.kubernetes.objects.reads import ObjectReads
from api.routing import Methods
from api.services import Services

_KINDS = (NAMESPACE_OBJECTS, LEASE_OBJECTS, EVENT_OBJECTS, NEW_EVENT_OBJECTS)


def object_paths(services: Services) -> Mapping[str, Methods]:
    """All paths of objects."""
    return {path: methods for what in _KINDS for path, methods in _paths(services, what).items()}


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
