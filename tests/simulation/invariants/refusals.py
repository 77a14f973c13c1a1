"""Whether a refusal can have a reason of its own, or only the refused command's own effect."""

from application.mediator.mediator import Command
from domain.errors import DomainError, LabInstanceAlreadyExists, LabInstanceNotFound
from domain.lab_instance.commands import CreateLabInstance, DeleteLabInstance
from tests.simulation.invariants.views import Folds


def only_done_by_itself(
    command: Command, refusal: DomainError, folds: Folds, *, since: int, effect: int
) -> bool:
    """Judged by the log from `since` on: a creation is refused for a lab that is there, and none
    was but its own; a deletion for one that is not, and it was there until the deletion."""
    match command, refusal:
        case CreateLabInstance(), LabInstanceAlreadyExists():
            views = folds.ever_since(command.lab, since)
            return all(view is None or view.lab.uid == command.uid for view in views)
        case DeleteLabInstance(), LabInstanceNotFound():
            before = folds.between(command.lab, since, effect)
            return all(view is not None for view in before)
        case _:
            return False
