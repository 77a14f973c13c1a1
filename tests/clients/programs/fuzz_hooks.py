"""How schemathesis fuzzes the service: it goes for a few labs that are there more often than for
names out of nothing, opens no watches, and takes an answer for a mistake of the service's that
has a code of 500 or more, except for "not yet" to a version of the future."""

import os
from typing import Any

import schemathesis

_NAMES = ("fuzz-1", "fuzz-2", "fuzz-3")
_SPEC = {"template": "static", "duration": "60m", "studentEmail": "student@example.com"}
_NOT_LET_IN, _PATIENCE = 401, 504


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Each way of making requests passes here. The token is no argument, which all could see."""
    case.headers["Authorization"] = f"Bearer {os.environ['LABS_TOKEN']}"
    place = len(str(case.body)) + len(str(case.query))
    if place % 4:
        for name, usual in (("namespace", "default"), ("name", _NAMES[place % len(_NAMES)])):
            if name in (case.path_parameters or {}):
                case.path_parameters[name] = usual
        _make_plausible(case.body, _NAMES[place % len(_NAMES)])
    if case.query:
        case.query.pop("watch", None)


def _make_plausible(body: Any, name: str) -> None:
    """What hardly any chance would find: the name in the path, and a template that is there."""
    for part, known in (("metadata", {"name": name}), ("spec", _SPEC)):
        if isinstance(body, dict) and isinstance(body.get(part), dict):
            body[part] |= known


@schemathesis.check
def the_service_makes_no_mistake(_context: Any, response: Any, _case: Any) -> None:
    """Whatever was sent."""
    code = response.status_code
    assert code != _NOT_LET_IN, "nothing behind the door was tried"
    assert code < 500 or code == _PATIENCE, f"{code}: {response.text}"
