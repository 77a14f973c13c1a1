"""The service put together, over what an earlier process left."""

from application.mediator.questions import GetLabInstance, Latest
from infrastructure.memory.audit_records import MemoryAuditRecords
from infrastructure.memory.checkpoints import MemoryCheckpoints
from infrastructure.memory.leases import MemoryLeases
from infrastructure.memory.objects import MemoryApiObjects
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.memory.unknown_labs import MemoryUnknownLabs
from infrastructure.settings import read_settings
from infrastructure.simulated.provisioner import SimulatedProvisioner
from infrastructure.templates.catalog import FileTemplateCatalog
from infrastructure.wiring.adapters import Adapters
from infrastructure.wiring.bootstrap import at_work
from tests.application.arrangement import Arrangement, arranged
from tests.domain.scenario import LAB
from tests.domain.test_user_commands import create
from tests.fakes.event_store import TroubledEventStore
from tests.fakes.randomness import SeededRandomness
from tests.fakes.writing import Writing

SETTINGS = read_settings({"LAB_DATA_DIR": ".", "LAB_GRACE_PERIOD": "0s"})
FOUND = GetLabInstance(key=LAB, moment=Latest(not_older_than=None))


def adapters(before: Arrangement) -> Adapters:
    """The log of an earlier process, which died before it wrote any view."""
    randomness, read_model = SeededRandomness(), MemoryReadModel()
    return Adapters(
        events=before.store,
        read_model=read_model,
        past_index=read_model.past,
        api_objects=MemoryApiObjects(),
        checkpoints=MemoryCheckpoints(),
        leases=MemoryLeases(before.clock),
        try_writing=Writing(),
        audit_records=MemoryAuditRecords(),
        provisioner=SimulatedProvisioner(delay=60, failure_rate=0, randomness=randomness),
        unknown_labs=MemoryUnknownLabs(),
        templates=FileTemplateCatalog({}, {}),
        clock=before.clock,
        randomness=randomness,
        replica="a",
    )


async def test_writes_acknowledged_by_an_earlier_process_are_seen_from_the_first_answer_on() -> (
    None
):
    before = arranged()
    await before.send(create)
    async with at_work(SETTINGS, adapters(before)) as application:
        assert (await application.mediator.ask(FOUND)).lab.key == LAB


async def test_a_log_that_cannot_be_read_does_not_prevent_the_start() -> None:
    before = arranged()
    store = TroubledEventStore(before.store)
    store.outage = "gone"
    before.store = store
    async with at_work(SETTINGS, adapters(before)) as application:
        findings = {finding.name: finding for finding in await application.readiness()}
    assert not findings["event-store"].ok
    assert "gone" in findings["event-store"].message
