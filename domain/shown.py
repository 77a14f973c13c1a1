"""Text that others wrote, as messages show it."""


def shown(text: str, *, longest: int = 64) -> str:
    """The beginning of the text in plain ASCII: safe in a header, a log line and a terminal."""
    return text[:longest].encode("unicode_escape").decode("ascii")
