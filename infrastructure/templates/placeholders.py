"""Placeholders in the texts of a template: `{port}` is filled in, `{{` and `}}` are braces."""

import re
from collections.abc import Mapping

PLACEHOLDERS = frozenset({"python", "port", "workdir", "token_file", "directory"})
"""What `command` and `environment` may hold: the labs' interpreter, the port to serve at, the
lab's own directory, the file with its secret token, the directory of the template file."""

_SPECIAL = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_BRACES = {"{{": "{", "}}": "}"}


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in their places. The text must have passed the check."""
    return _SPECIAL.sub(lambda found: _BRACES.get(found[0]) or values[found[1]], text)


def checked_placeholders(text: str) -> str:
    """The text. Raises ValueError for a placeholder that there is not, and for a lone brace."""
    for found in _SPECIAL.finditer(text):
        if found[0] in _BRACES or found[1] in PLACEHOLDERS:
            continue
        if found[1] is None:
            raise ValueError(f"a lone {found[0]}: write {found[0] * 2} for the brace itself")
        known = ", ".join(sorted(PLACEHOLDERS))
        raise ValueError(
            f"unknown placeholder {found[0][:40]}; there are {known}; "
            "write {{ and }} for the braces themselves"
        )
    return text
