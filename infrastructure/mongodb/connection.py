"""Opens the stores on MongoDB, and refuses what could not work in one clear line."""

import logging
import re
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pymongo
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, InvalidURI, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from application.ports.read_model import UnreadableReadModel
from infrastructure.mongodb.audit_records import MongodbAuditRecords
from infrastructure.mongodb.calls import in_words, is_absence
from infrastructure.mongodb.checkpoints import MongodbCheckpoints
from infrastructure.mongodb.generations import Generations
from infrastructure.mongodb.leases import MongodbLeases
from infrastructure.mongodb.objects import MongodbApiObjects
from infrastructure.mongodb.past_index import MongodbPastIndex
from infrastructure.mongodb.read_model import MongodbReadModel
from infrastructure.mongodb.replica_notes import MongodbReplicaNotes
from infrastructure.mongodb.view_generations import MongodbViewGenerations
from infrastructure.unusable import Unusable

_log = logging.getLogger(__name__)
_DATABASE = "labs"
_UNLESS_TOLD: Mapping[str, Any] = {
    "timeoutMS": 5000,
    "serverSelectionTimeoutMS": 3000,
    "connectTimeoutMS": 3000,
    "appname": "lab-resource-manager",
}
_NOT_A_URI = (
    "its address is not like mongodb://user:password@host:27017/database?option=value "
    "(percent-encode what is special in a name or password)"
)
_REFUSALS = {
    11: "the user name or password is wrong",
    13: "the user may not read and write this database, or no user is named",
    18: "the user name or password is wrong",
}


class UnusableMongodb(Unusable):
    """The server cannot be used as it was named; the message is one line without secrets."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"MongoDB cannot be used: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MongodbStores:
    """What is kept in one database."""

    read_model: MongodbReadModel
    past_index: MongodbPastIndex
    api_objects: MongodbApiObjects
    checkpoints: MongodbCheckpoints
    leases: MongodbLeases
    replica_notes: MongodbReplicaNotes
    generations: MongodbViewGenerations
    audit_records: MongodbAuditRecords


@asynccontextmanager
async def open_mongodb(uri: str) -> AsyncIterator[MongodbStores]:
    """The stores in the database that the URI names (default `labs`), with their indexes, open
    until the context ends; for one event loop. Raises UnusableMongodb when the address or the
    server is wrong. A server that cannot be reached may come later, and damaged views may be
    made anew: that is logged, and until then the stores are unavailable.

    Writes are acknowledged by a majority and on disk, reads see nothing less. The URI's own
    `timeoutMS` bounds each call of the stores, instead of 5 s.
    """
    # At its debug level the driver logs whole commands, and with them e-mail addresses.
    logging.getLogger("pymongo").setLevel(logging.INFO)
    async with _client(uri) as client:
        patience = float(client.options.timeout or 0) or _UNLESS_TOLD["timeoutMS"] / 1000
        database = _database(client)
        generations = Generations(database)
        try:
            with pymongo.timeout(patience):
                await generations.prepare()
        except PyMongoError as error:
            if not is_absence(error):
                raise UnusableMongodb(_told(error)) from None
            _log.warning("MongoDB cannot be reached yet", extra={"error": in_words(error)})
        except UnreadableReadModel as error:
            _log.error(error.reason)
        yield MongodbStores(
            read_model=MongodbReadModel(generations, patience=patience),
            past_index=MongodbPastIndex(generations, patience=patience),
            api_objects=MongodbApiObjects(generations, patience=patience),
            checkpoints=MongodbCheckpoints(database, patience=patience),
            leases=MongodbLeases(database, patience=patience),
            replica_notes=MongodbReplicaNotes(database, patience=patience),
            generations=MongodbViewGenerations(generations, patience=patience),
            audit_records=MongodbAuditRecords(database, patience=patience),
        )


def _client(uri: str) -> AsyncMongoClient[dict[str, Any]]:
    """A client that has not connected yet. The driver only warns of options it does not know;
    a misspelt `tls` must not pass."""
    _, _, options = uri.partition("?")
    named = {part.partition("=")[0].lower() for part in re.split("[&;]", options)}
    own = {name: value for name, value in _UNLESS_TOLD.items() if name.lower() not in named}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            return AsyncMongoClient(uri, **own)
    except (InvalidURI, ValueError):
        raise UnusableMongodb(_NOT_A_URI) from None
    except (PyMongoError, UserWarning, OSError) as error:
        in_the_wrong_place = "@" in options  # then it is a part of a password
        reason = _NOT_A_URI if in_the_wrong_place else str(error).partition(". ")[0]
        raise UnusableMongodb(reason) from None


def _database(client: AsyncMongoClient[dict[str, Any]]) -> AsyncDatabase[dict[str, Any]]:
    return client.get_default_database(
        _DATABASE,
        read_preference=ReadPreference.PRIMARY,
        read_concern=ReadConcern("majority"),
        write_concern=WriteConcern(w="majority", j=True),
    )


def _told(error: PyMongoError) -> str:
    code = error.code if isinstance(error, OperationFailure) else None
    reason = _REFUSALS.get(code or 0) or in_words(error)
    hung_up = isinstance(error, ConnectionFailure) and "closed" in reason
    return f"{reason}; if the server wants TLS, say tls=true" if hung_up else reason
