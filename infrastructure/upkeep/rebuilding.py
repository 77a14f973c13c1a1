"""The views of the configured stores, made again from the log."""

from contextlib import AsyncExitStack, suppress

from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.event_store import EventStore
from application.ports.read_model import LogSetBack, ReadModel, UnreadableReadModel, ViewsAhead
from application.ports.view_generations import ViewGenerations
from application.projections.log_witness import LogWitness
from application.projections.origin import claim_views
from application.projections.rebuilding import Rebuilt, rebuild
from application.projections.reporting import Report
from infrastructure.data_directory.claim import database_in
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.kurrentdb.event_store import KurrentDBEventStore
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.setting_values import SQLITE
from infrastructure.settings import Settings
from infrastructure.sqlite.checkpoints import SqliteCheckpoints
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.view_generations import SqliteViewGenerations
from infrastructure.system_clock import SystemClock
from infrastructure.upkeep.troubles import held, one_line


async def rebuild_views(settings: Settings, *, take_over: bool, report: Report) -> Rebuilt:
    """Make all views anew and use them. No service may work on embedded stores meanwhile;
    on servers it may. `take_over`: even if the views in use are of another log.

    Raises Unusable, having changed nothing in the views in use.
    """
    clock = SystemClock()
    with one_line():
        async with AsyncExitStack() as stack:
            database = await _database(settings, clock, stack)
            store = await _events(settings, clock, database, stack)
            views, generations, checkpoints = await _views(settings, clock, database, stack)
            witness = LogWitness(store, checkpoints, interval=0)
            if not take_over:
                with suppress(UnreadableReadModel, ViewsAhead):  # then it is of no other log
                    await claim_views(store, views)
                if isinstance(store, KurrentDBEventStore):
                    await _begin_epoch_if_set_back(store, views, witness)
            rebuilt = await rebuild(store, views, generations, report)
            if isinstance(store, KurrentDBEventStore):
                await witness.remember()
            return rebuilt


async def _begin_epoch_if_set_back(
    store: KurrentDBEventStore, views: ReadModel, witness: LogWitness
) -> None:
    """What a server that was set back has given before is told apart from what it gives now."""
    given = await witness.position()
    with suppress(UnreadableReadModel):
        given = max(given, await views.position())
    try:
        await witness.require_held()
        if given <= await store.head() and not await store.is_lost(given):
            return
    except LogSetBack:
        pass
    await store.begin_epoch(given=given, reason="the server was set back")


async def _database(
    settings: Settings, clock: Clock, stack: AsyncExitStack
) -> SqliteDatabase | None:
    """The file, when any of the stores is in it."""
    if SQLITE not in (settings.event_store, settings.read_model):
        return None
    file = stack.enter_context(held(settings.data_dir))
    database = SqliteDatabase.open(file, clock=clock)
    stack.push_async_callback(database.close)
    return database


async def _events(
    settings: Settings, clock: Clock, database: SqliteDatabase | None, stack: AsyncExitStack
) -> EventStore:
    if database is not None and settings.event_store == SQLITE:
        return SqliteEventStore(database)
    return await stack.enter_async_context(open_kurrentdb(settings.event_store, clock=clock))


async def _views(
    settings: Settings, clock: Clock, database: SqliteDatabase | None, stack: AsyncExitStack
) -> tuple[ReadModel, ViewGenerations, Checkpoints]:
    if database is not None and settings.read_model == SQLITE:
        generations = SqliteViewGenerations(
            database_in(settings.data_dir), clock, release=database.close
        )
        stack.push_async_callback(generations.close)
        return SqliteReadModel(database), generations, SqliteCheckpoints(database)
    stores = await stack.enter_async_context(open_mongodb(settings.read_model))
    return stores.read_model, stores.generations, stores.checkpoints
