"""What happened in a run, in order; and a digest of every single step of it."""

from collections.abc import Callable
from hashlib import blake2b


class Timeline:
    """Lines for people, and a digest over these lines and all steps of the loop. Two runs with
    the same digest went the same way."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.now: Callable[[], float] = lambda: 0.0
        self._digest = blake2b(digest_size=16)

    def say(self, who: str, text: str) -> None:
        """Something worth a line happened to, or was done by, `who`."""
        line = f"{self.now():9.3f}  {who:<9} {text}"
        self.lines.append(line)
        self._digest.update(line.encode())

    def step(self, moment: float, who: str, what: str) -> None:
        """The loop took a step."""
        self._digest.update(f"{moment!r} {who} {what};".encode())

    @property
    def digest(self) -> str:
        """Of everything so far."""
        return self._digest.hexdigest()
