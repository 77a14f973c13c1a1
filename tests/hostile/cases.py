"""The hostile labs, by what they do."""

CASES = (
    "tags",
    "crowd",
    "deep",
    "many",
    "log",
    "locked",
    "escape",
    "cookies",
    "stream",
    "bomb",
    "drip",
)
