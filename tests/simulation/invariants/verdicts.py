"""How a run finds that something is not as it must be."""


class Violation(AssertionError):
    """An invariant does not hold. `invariant` names it in a few words, `detail` says where."""

    def __init__(self, invariant: str, detail: str) -> None:
        self.invariant = invariant
        self.detail = detail
        super().__init__(f"{invariant}: {detail}")


class Verdicts:
    """Collects the first violation: what comes after it may only follow from it."""

    def __init__(self) -> None:
        self.first: Violation | None = None

    def broken(self, invariant: str, detail: str) -> None:
        """Note a violation, wherever in the run it is noticed."""
        if self.first is None:
            self.first = Violation(invariant, detail)

    def check(self, holds: bool, invariant: str, detail: str) -> None:
        """Note a violation unless it holds."""
        if not holds:
            self.broken(invariant, detail)
