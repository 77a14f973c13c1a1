"""Dry runs: what a command would lead to, on the lab as it really is."""

from dataclasses import replace

from application.commands.rehearsal import rehearse_lab
from tests.application.arrangement import Arrangement, arranged
from tests.domain.test_user_commands import change, create, delete


async def test_what_another_process_wrote_is_in_the_lab_that_is_rehearsed_on() -> None:
    here = arranged()
    there = Arrangement(here.clock, here.store, read_model=here.read_model, sent=10)
    await here.send(create)
    written = await there.send(replace(change, labels={"tier": "gold"}))

    would_be = await rehearse_lab(here.mediator, delete, here.clock.now())

    assert would_be is not None
    assert would_be.lab.labels == {"tier": "gold"}
    assert would_be.resource_version == written.position
