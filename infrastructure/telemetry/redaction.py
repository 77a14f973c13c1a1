"""The last net under the logs: what looks like personal data or a secret is blanked.

The code above takes care not to log such things at all; this is for what slips through.
"""

import re

_E_MAIL = re.compile(
    r"""[^\s"'<>(),;:=/?&\\\[\]{}|@]+(?:@|%40)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"""
)
_TOKEN = re.compile(r"(?i)\b(bearer\s+|(?:access_|auth_)?token=)[^\s\"'&,;]+")
_SHORTEST_SECRET = 8


class Redactor:
    """Blanks e-mail addresses, tokens in addresses and headers, and the secrets it is told."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def conceal(self, secret: str) -> None:
        """Never let this text through. Too short a text, being part of others, is ignored."""
        if len(secret) >= _SHORTEST_SECRET:
            self._secrets.add(secret)

    def clean(self, text: str) -> str:
        """The text without what must not be told."""
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, "[secret]")
        if "@" in text or "%40" in text:
            text = _E_MAIL.sub("[e-mail]", text)
        if "oken=" in text or "earer" in text or "TOKEN=" in text or "EARER" in text:
            text = _TOKEN.sub(r"\1[secret]", text)
        return text
