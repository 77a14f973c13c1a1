"""Whether a command that repeats an earlier one asks for the same."""

from domain.lab_instance.commands import CreateLabInstance, LabInstanceCommand
from domain.lab_instance.lab_instance import LabInstance


class RepeatedDifferently(Exception):
    """The sender has used one key for two different wishes. The first one stands."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the Idempotency-Key was used before, to create {name!r} with another body; "
            "send the same body, or use another key"
        )


def check_repeats(command: LabInstanceCommand, lab: LabInstance) -> None:
    """`lab` is what the first command of this id led to. Raises RepeatedDifferently.

    Only a creation says all of what it leads to; other commands are taken for the same."""
    if not isinstance(command, CreateLabInstance):
        return
    asked = (command.spec, command.labels, command.annotations, command.finalizers)
    if asked != (lab.spec, lab.labels, lab.annotations, lab.finalizers):
        raise RepeatedDifferently(command.lab.name)
