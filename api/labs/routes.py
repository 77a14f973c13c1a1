"""The paths of labs, and who answers them."""

from collections.abc import Mapping

from api.http.routing import Methods
from api.kubernetes.lab_kind import API_VERSION, PLURAL
from api.labs.change import LabChange
from api.labs.commands import LabCommands
from api.labs.create import LabCreate
from api.labs.delete import LabDelete
from api.labs.history import LabHistory
from api.labs.moments_compared import AUDIT_VERSION, LabDifferences
from api.labs.reads import LabReads
from api.labs.scale.routes import LabScale
from api.labs.status import LabStatusRoutes
from api.services import Services

BASE = f"/apis/{API_VERSION}"
COLLECTION = f"{BASE}/namespaces/{{namespace}}/{PLURAL}"
ITEM = f"{COLLECTION}/{{name}}"


def lab_paths(services: Services) -> Mapping[str, Methods]:
    """All paths of labs."""
    reads, change = LabReads(services), LabChange(services)
    commands, history = LabCommands(services), LabHistory(services)
    status = LabStatusRoutes(services, get=reads.get)
    deletion, scale = LabDelete(services), LabScale(services)
    compared = LabDifferences(services)
    return {
        COLLECTION: {
            "GET": reads.list_or_watch,
            "POST": LabCreate(services).create,
            "DELETE": deletion.delete_collection,
        },
        ITEM: {
            "GET": reads.get,
            "PUT": change.replace,
            "PATCH": change.patch,
            "DELETE": deletion.delete,
        },
        f"{BASE}/{PLURAL}": {"GET": reads.list_or_watch},
        f"{ITEM}/status": {"GET": status.get, "PUT": status.replace, "PATCH": status.patch},
        f"{ITEM}/scale": {"GET": scale.get, "PUT": scale.replace, "PATCH": scale.patch},
        f"{ITEM}/history": {"GET": history.history},
        f"{ITEM}/log": {"GET": history.log},
        f"/apis/{AUDIT_VERSION}/differences": {"GET": compared.differences},
        f"{ITEM}/access": {"POST": commands.access},
        f"{ITEM}/extend": {"POST": commands.extend},
        f"{ITEM}/restart": {"POST": commands.restart()},
        f"{ITEM}/retry": {"POST": commands.retry()},
        f"{ITEM}/abandon": {"POST": commands.abandon()},
    }
