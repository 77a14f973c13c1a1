"""A ControlObserver that remembers."""

from collections import Counter

from application.control.observer import TurnOutcome
from domain.lab_instance.key import LabKey


class RememberingObserver:
    """Counts looks by outcome and corrections by kind, and notes how long passes took."""

    def __init__(self) -> None:
        self.looks: Counter[TurnOutcome] = Counter()
        self.corrections: Counter[str] = Counter()
        self.passes: list[float] = []

    def reconciled(self, key: LabKey, outcome: TurnOutcome, seconds: float) -> None:
        self.looks[outcome] += 1

    def pass_finished(self, seconds: float) -> None:
        self.passes.append(seconds)

    def corrected(self, kind: str) -> None:
        self.corrections[kind] += 1
