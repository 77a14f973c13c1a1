"""The paths of labs, and who answers them."""

from collections.abc import Mapping

from api.kubernetes.scale.routes import LabScale
from api.lab_change import LabChange
from api.lab_commands import LabCommands
from api.lab_create import LabCreate
from api.lab_delete import LabDelete
from api.lab_history import LabHistory
from api.lab_reads import LabReads
from api.lab_status import LabStatusRoutes
from api.routing import Methods
from api.services import Services
from api.status import API_VERSION, PLURAL

BASE = f"/apis/{API_VERSION}"
COLLECTION = f"{BASE}/namespaces/{{namespace}}/{PLURAL}"
ITEM = f"{COLLECTION}/{{name}}"


def lab_paths(services: Services) -> Mapping[str, Methods]:
    """All paths of labs."""
    reads, change = LabReads(services), LabChange(services)
    commands, history = LabCommands(services), LabHistory(services)
    status = LabStatusRoutes(services, get=reads.get)
    deletion, scale = LabDelete(services), LabScale(services)
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
        f"{ITEM}/access": {"POST": commands.access},
        f"{ITEM}/extend": {"POST": commands.extend},
        f"{ITEM}/restart": {"POST": commands.restart()},
        f"{ITEM}/retry": {"POST": commands.retry()},
        f"{ITEM}/abandon": {"POST": commands.abandon()},
    }
