"""Commands that may be repeated, as documents: found by their ids."""

from uuid import UUID

from pymongo import UpdateOne

from application.ports.read_model import CommandSearch, UnreadableReadModel
from application.ports.views import CarriedOut
from infrastructure.mongodb.guarded_writes import Stored, is_position

_DAMAGED = (
    "the document in MongoDB that says where a command was carried out is damaged; make the views "
    "anew with labctl rebuild"
)


def command_write(one: CarriedOut) -> UpdateOne:
    """Note the command. Of several events of one command the last one stays."""
    last = {"version": one.version, "position": one.position}
    return UpdateOne({"_id": one.command.bytes}, {"$max": last}, upsert=True)


def found_command(command: UUID, stored: Stored | None, *, position: int) -> CommandSearch:
    """What the document says, where everything up to the position was noted. Raises
    UnreadableReadModel."""
    if stored is None:
        return CommandSearch(position=position, found=None)
    if not is_position(stored.get("version")) or not is_position(stored.get("position")):
        raise UnreadableReadModel(_DAMAGED)
    found = CarriedOut(command=command, version=stored["version"], position=stored["position"])
    return CommandSearch(position=position, found=found)
