"""What the command line asks about labs: which ones, and at which moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from api.command_line.connection import Connection, Unanswered
from api.kubernetes.lab_kind import API_VERSION, PLURAL

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class LabQuestion:
    """`namespace`: None asks for all. `name`: None asks for a list. `at`: the moment in the words
    of who asks, empty for now; `moment`: the position or the time that they mean."""

    namespace: str | None
    name: str | None
    selector: str
    at: str
    moment: int | datetime | None


def named(what: Sequence[str]) -> str | None:
    """The lab that `lab NAME` asks for; None for `labs`. Raises Unanswered."""
    match what:
        case ["labs" | "lab" | "labinstances"]:
            return None
        case ["lab" | "labs" | "labinstance", name]:
            return name
        case _:
            raise Unanswered("say what to get: labs, or lab NAME")


def answer_to(connection: Connection, question: LabQuestion, *, table: bool) -> dict[str, Any]:
    """A Table, or else the objects. Raises Unanswered."""
    accept = TABLE if table else "application/json"
    moment = moment_query(question.moment)
    if question.name is None:
        selected = {"labelSelector": question.selector} if question.selector else {}
        answer = connection.ask(_path(question), {**moment, **selected}, accept=accept)
        _check_begun(answer, question.at)
        return answer
    try:
        path = f"{_path(question)}/{quote(question.name, safe='')}"
        return connection.ask(path, moment, accept=accept)
    except Unanswered as refusal:
        if refusal.code == _NOT_FOUND and question.at:
            _check_begun(connection.ask(_path(question), moment, accept=TABLE), question.at)
            raise Unanswered(f"{refusal} at {question.at}") from None
        raise


def moment_query(moment: int | datetime | None) -> Mapping[str, str]:
    """How the API is asked for that moment."""
    match moment:
        case None:
            return {}
        case int():
            return {"resourceVersion": str(moment), "resourceVersionMatch": "Exact"}
        case _:
            return {"asOf": moment.isoformat()}


def _path(question: LabQuestion) -> str:
    namespace = quote(question.namespace or "", safe="")
    inside = f"/namespaces/{namespace}" if namespace else ""
    return f"/apis/{API_VERSION}{inside}/{PLURAL}"


def _check_begun(answer: Mapping[str, Any], at: str) -> None:
    if at and answer["metadata"].get("resourceVersion") == "0":
        raise Unanswered(f"nothing had been recorded yet at {at}")
