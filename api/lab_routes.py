"""The paths of labs, and who answers them."""

from collections.abc import Sequence

from starlette.routing import Route

from api.lab_change import LabChange
from api.lab_commands import LabCommands
from api.lab_create import LabCreate
from api.lab_delete import LabDelete
from api.lab_history import LabHistory
from api.lab_reads import LabReads
from api.lab_status import LabStatusRoutes
from api.routing import route
from api.services import Services
from api.status import API_VERSION, PLURAL

BASE = f"/apis/{API_VERSION}"
COLLECTION = f"{BASE}/namespaces/{{namespace}}/{PLURAL}"
ITEM = f"{COLLECTION}/{{name}}"


def lab_routes(services: Services) -> Sequence[Route]:
    """All routes of labs, the busiest first."""
    reads, change = LabReads(services), LabChange(services)
    commands, history = LabCommands(services), LabHistory(services)
    status = LabStatusRoutes(services, get=reads.get)
    deletion = LabDelete(services)
    item = {
        "GET": reads.get,
        "PUT": change.replace,
        "PATCH": change.patch,
        "DELETE": deletion.delete,
    }
    collection = {
        "GET": reads.list_or_watch,
        "POST": LabCreate(services).create,
        "DELETE": deletion.delete_collection,
    }
    below_status = {"GET": status.get, "PUT": status.replace, "PATCH": status.patch}
    return [
        route(COLLECTION, collection),
        route(ITEM, item),
        route(f"{BASE}/{PLURAL}", {"GET": reads.list_or_watch}),
        route(f"{ITEM}/status", below_status),
        route(f"{ITEM}/history", {"GET": history.history}),
        route(f"{ITEM}/log", {"GET": history.log}),
        route(f"{ITEM}/access", {"POST": commands.access}),
        route(f"{ITEM}/extend", {"POST": commands.extend}),
        route(f"{ITEM}/restart", {"POST": commands.restart()}),
        route(f"{ITEM}/retry", {"POST": commands.retry()}),
        route(f"{ITEM}/abandon", {"POST": commands.abandon()}),
    ]
