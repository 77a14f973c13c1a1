"""The last net under the logs: what looks like personal data or a secret is blanked.

The code above takes care not to log such things at all; this is for what slips through. Others
choose what is logged, so each text is looked at once from left to right, and only its beginning.
"""

import re

_WORD = re.compile(r"""[^\s"'<>(),;:=/?&\\\[\]{}|]+""")
_AT = re.compile(r"@|%40")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_TOKEN = re.compile(r"(?i)\b(bearer\s+|(?:access_|auth_)?token=)[^\s\"'&,;]+")
_SHORTEST_SECRET = 8
_LONGEST_SECRET = 1024
_LONGEST = 16 * 1024


class Redactor:
    """Blanks e-mail addresses, tokens in addresses and headers, and the secrets it is given; of a
    text beyond `longest` characters only the beginning is let through."""

    def __init__(self, longest: int = _LONGEST) -> None:
        self._secrets: set[str] = set()
        self._longest = longest

    def conceal(self, secret: str) -> None:
        """Never let this text through. Too short a text, being part of others, is ignored."""
        if len(secret) >= _SHORTEST_SECRET:
            self._secrets.add(secret)

    def clean(self, text: str) -> str:
        """The text without what must not be shown."""
        length = len(text)
        if length > self._longest:
            # What is cut off at the end may be half a secret, so more is looked at than is shown.
            text = self._cleaned(text[: self._longest + _LONGEST_SECRET])[: self._longest]
            return f"{text}... ({length} characters)"
        return self._cleaned(text)

    def _cleaned(self, text: str) -> str:
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, "[secret]")
        if "@" in text or "%40" in text:
            text = _WORD.sub(_without_address, text)
        if "oken=" in text or "earer" in text or "TOKEN=" in text or "EARER" in text:
            text = _TOKEN.sub(r"\1[secret]", text)
        return text


def _without_address(word: re.Match[str]) -> str:
    """Everything before an at sign is a person's, once a domain follows it."""
    text, kept, place = word[0], "", 0
    for at in _AT.finditer(text):
        if at.start() > place and (domain := _DOMAIN.match(text, at.end())):
            kept, place = f"{kept}[e-mail]", domain.end()
        elif at[0] == "@" and at.end() > place:
            kept, place = kept + text[place : at.end()], at.end()
    return kept + text[place:]
