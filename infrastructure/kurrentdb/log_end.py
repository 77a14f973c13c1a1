"""Where the events of the service end in a log that others write to as well."""


class LogEnd:
    """What this process has learnt so far, so that asking for the end looks at little.

    `head` is the position of the last event of ours at or before `considered`. Further than
    that nothing is known; while it is 0, nothing at all.
    """

    def __init__(self) -> None:
        self.head = 0
        self.considered = 0

    def event(self, position: int) -> None:
        """An event of ours stands there."""
        if position > self.considered:
            self.head = self.considered = position

    def nothing(self, *, after: int, upto: int) -> None:
        """No event of ours stands between the two."""
        if after <= self.considered < upto:
            self.considered = upto

    def forget(self) -> None:
        """What was learnt may be wrong."""
        self.head = self.considered = 0
