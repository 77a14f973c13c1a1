"""What cannot work is refused at the start: one line, without secrets, and nothing written."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic
from typing import Any

import pytest
from pymongo import MongoClient

from application.ports.checkpoints import Checkpoint
from application.ports.read_model import ReadModelUnavailable
from infrastructure.mongodb.connection import MongodbStores, UnusableMongodb, open_mongodb
from tests.infrastructure.mongodb.old_server import old_server
from tests.servers.mongod import Mongod, running_mongod

pytestmark = [
    pytest.mark.usefixtures("swept"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]
QUICKLY = "serverSelectionTimeoutMS=300&timeoutMS=500"


async def refusal_of(uri: str) -> str:
    with pytest.raises(UnusableMongodb) as refusal:
        async with open_mongodb(uri):
            pass
    told = str(refusal.value)
    assert told.startswith("MongoDB cannot be used: ")
    assert "\n" not in told
    assert len(told) < 250
    assert "s3cret" not in told
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    return told


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://",
        "mongo://host/labs",
        "http://host/labs",
        "mongodb://user:s3cret",
        "mongodb://user:s3cret:more@host/labs",
        "mongodb://user:s3/s3cret@host/labs",
        "mongodb://user:s3cret@host/a database",
        "mongodb://user:before?s3cret=1@host/labs",
        "mongodb://user:s3cret@host:99999999/labs",
        "mongodb://host/labs?tls",
    ],
)
async def test_an_address_that_is_none_is_refused(uri: str) -> None:
    assert "mongodb://user:password@host:27017/database" in await refusal_of(uri)


@pytest.mark.parametrize("uri", ["", "mongodb://user:s3cret@", "mongodb://a,,b"])
async def test_an_address_without_a_host_is_refused(uri: str) -> None:
    assert "Empty host" in await refusal_of(uri)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("tsl=true", "Unknown option: tsl"),
        ("timeoutMS=soon", "timeoutms must be"),
        ("tls=true&tls=false", "Duplicate URI option 'tls'"),
        ("authMechanism=TRUST", "authmechanism must be"),
        ("tls=true&tlsCAFile=/nowhere/ca.pem", "No such file or directory: '/nowhere/ca.pem'"),
    ],
)
async def test_an_option_that_is_none_is_named(options: str, told: str) -> None:
    uri = f"mongodb://user:s3cret@127.0.0.1:1/labs?{options}&serverSelectionTimeoutMS=100"

    assert told in await refusal_of(uri)


async def test_a_server_that_is_not_there_yet_is_told_soon_and_waited_for(
    own_mongod: Mongod, caplog: pytest.LogCaptureFixture
) -> None:
    own_mongod.kill()
    begun = monotonic()
    async with open_mongodb(f"{own_mongod.uri}?{QUICKLY}") as stores:
        assert monotonic() - begun < 5
        [line] = [one for one in caplog.records if "cannot be reached yet" in one.message]
        assert str(own_mongod.port) in line.__dict__["error"]
        with pytest.raises(ReadModelUnavailable):
            await stores.read_model.position()
        own_mongod.start()
        await _reached(stores)
        await stores.read_model.apply((), position=3)
        assert await stores.read_model.position() == 3


async def test_a_server_that_is_too_slow_at_the_start_is_waited_for(
    own_mongod: Mongod, caplog: pytest.LogCaptureFixture
) -> None:
    with MongoClient[dict[str, Any]](own_mongod.uri) as client:
        fails = {"failCommands": ["find", "createIndexes", "aggregate", "update"], "errorCode": 50}
        client.admin.command("configureFailPoint", "failCommand", mode={"times": 1}, data=fails)
    async with open_mongodb(f"{own_mongod.uri}?{QUICKLY}") as stores:
        [line] = [one for one in caplog.records if "cannot be reached yet" in one.message]
        assert "code 50" in line.__dict__["error"]
        await _reached(stores)


async def _reached(stores: MongodbStores) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(ReadModelUnavailable):
                await stores.read_model.position()
                return


async def test_a_member_of_another_replica_set_is_told(own_mongod: Mongod) -> None:
    told = await refusal_of(f"{own_mongod.uri}?replicaSet=another&{QUICKLY}")

    assert '"another"' in told


async def test_a_server_without_tls_is_told(own_mongod: Mongod) -> None:
    assert "SSL handshake failed" in await refusal_of(f"{own_mongod.uri}?tls=true&{QUICKLY}")


async def test_a_server_that_hangs_up_may_want_tls() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    told = await refusal_of(f"mongodb://127.0.0.1:{port}/labs?{QUICKLY}")

    server.close()
    assert told.endswith("; if the server wants TLS, say tls=true")


async def test_a_server_of_long_ago_is_told() -> None:
    async with old_server() as port:
        told = await refusal_of(f"mongodb://127.0.0.1:{port}/labs?{QUICKLY}")

    assert "wire version 6" in told


@pytest.fixture(scope="module")
def guarded_mongod() -> Iterator[Mongod]:
    """A server with users: one who may use the database labs, one who may do nothing."""
    with running_mongod(replicated=False, arguments=("--auth",)) as server:
        with MongoClient[dict[str, Any]](server.uri) as first:
            first.admin.command("createUser", "root", pwd="s3cret", roles=["root"])
        root = server.uri.replace("://", "://root:s3cret@")
        with MongoClient[dict[str, Any]](root) as client:
            labs = [{"role": "readWrite", "db": "labs"}]
            client.admin.command("createUser", "labs", pwd="s3cret/?", roles=labs)
            client.admin.command("createUser", "nobody", pwd="s3cret", roles=[])
        yield server


@pytest.mark.parametrize("user", ["labs:wrong-s3cret", "stranger:s3cret"])
async def test_wrong_credentials_are_told(guarded_mongod: Mongod, user: str) -> None:
    uri = f"mongodb://{user}@127.0.0.1:{guarded_mongod.port}/labs?authSource=admin"

    assert "the user name or password is wrong" in await refusal_of(uri)


@pytest.mark.parametrize("user", ["", "nobody:s3cret@"])
async def test_a_user_without_rights_to_the_database_is_refused_by_name(
    guarded_mongod: Mongod, user: str
) -> None:
    uri = f"mongodb://{user}127.0.0.1:{guarded_mongod.port}/labs?authSource=admin"

    assert "may not read and write this database" in await refusal_of(uri)


async def test_to_read_and_write_its_own_database_is_all_a_user_needs(
    guarded_mongod: Mongod,
) -> None:
    uri = f"mongodb://labs:s3cret%2F%3F@127.0.0.1:{guarded_mongod.port}/?authSource=admin"

    async with open_mongodb(uri) as stores:
        await stores.read_model.claim("log")
        await stores.read_model.clear()
        await stores.read_model.clear()
        await stores.checkpoints.save("watcher", Checkpoint(position=1, origin="log"))
        assert await stores.leases.acquire("shard", holder="me", seconds=1) is not None
