"""What every read model promises about commands that their senders may repeat."""

from uuid import UUID, uuid5

from application.ports.read_model import CommandSearch, ReadModel
from application.ports.views import CarriedOut
from tests.contracts.given import change, created

SPACE = UUID("9c1c7a4e-6f35-4d0e-8b57-5f0c5b0f2a11")
FIRST, SECOND = uuid5(SPACE, "first"), uuid5(SPACE, "second")


def done(command: UUID, position: int) -> CarriedOut:
    return CarriedOut(command=command, version=position * 2, position=position)


async def test_a_command_is_found_with_its_last_event(read_model: ReadModel) -> None:
    await read_model.apply([], position=4, commands=[done(FIRST, 3), done(SECOND, 4)])
    found = CommandSearch(position=4, found=done(FIRST, 3))
    assert await read_model.find_command(FIRST) == found
    await read_model.apply([], position=5, commands=[done(FIRST, 5)])
    await read_model.apply([], position=6, commands=[done(FIRST, 3)])
    assert await read_model.find_command(FIRST) == CommandSearch(position=6, found=done(FIRST, 5))


async def test_a_command_that_is_not_found_was_searched_up_to_the_position(
    read_model: ReadModel,
) -> None:
    assert await read_model.find_command(FIRST) == CommandSearch(position=0, found=None)
    await read_model.apply([], position=7, commands=[done(SECOND, 7)])
    assert await read_model.find_command(FIRST) == CommandSearch(position=7, found=None)


async def test_commands_of_a_crowd_are_all_there_when_its_position_is(
    read_model: ReadModel,
) -> None:
    crowd = range(1, 301)
    commands = {at: uuid5(SPACE, str(at)) for at in crowd}
    await read_model.apply(
        [change(created(f"lab-{at}"), position=at) for at in crowd],
        position=300,
        commands=[done(command, at) for at, command in commands.items()],
    )
    for at in (1, 150, 300):
        searched = await read_model.find_command(commands[at])
        assert searched == CommandSearch(position=300, found=done(commands[at], at))


async def test_commands_are_forgotten_with_the_views(
    read_model: ReadModel,
) -> None:
    await read_model.apply([], position=3, commands=[done(FIRST, 3)])
    await read_model.clear()
    assert await read_model.find_command(FIRST) == CommandSearch(position=0, found=None)
