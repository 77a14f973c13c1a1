"""How a program tells what came of its checks: a line of JSON for each."""

import inspect
import json
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from tests.clients.rows import Row

Check = Callable[[Any], Any]
"""Does something with a client. What it returns is told; nothing means "ok"."""


async def tell(checks: Mapping[Row, Check], client: Any) -> None:
    """Do each check and tell its outcome, or the error that it ended with."""
    for row, check in checks.items():
        try:
            outcome = check(client)
            if inspect.isawaitable(outcome):
                outcome = await outcome
        except Exception:  # noqa: BLE001  whatever it is, it belongs into the table
            outcome = traceback.format_exc()
        sys.stdout.write(json.dumps({"row": row, "outcome": outcome or "ok"}) + "\n")
        sys.stdout.flush()
