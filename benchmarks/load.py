"""Load over HTTP, from a process of its own so that it does not share the measurer's clock."""

import sys

import msgspec

from benchmarks.processes import Server, answer_of

LABS = "/apis/lab.neuroglia.com/v1/namespaces/{namespace}/labinstances"
NAME_MARK = "NAME"
LAB_BODY = (
    '{"apiVersion":"lab.neuroglia.com/v1","kind":"LabInstance","metadata":{"name":"NAME"},'
    '"spec":{"template":"python-basics","duration":"60m",'
    '"studentEmail":"student@example.com","environment":{"COURSE":"101"}}}'
)


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """So many POSTs of `body` to `path`, by so many clients that each wait for an answer.

    The mark in the body is replaced by `prefix` and the request's number.
    """

    port: int
    token: str
    path: str
    body: str
    prefix: str
    requests: int
    clients: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: how many of each status, in how long, and how long requests took."""

    seconds: float
    statuses: dict[str, int]
    median_latency: float
    high_latency: float

    @property
    def each_second(self) -> float:
        """Answers a second."""
        return sum(self.statuses.values()) / self.seconds


def creates(server: Server, prefix: str, *, requests: int, clients: int = 32) -> Outcome:
    """Create so many labs with names of that prefix. Raises when one is refused."""
    path = LABS.format(namespace="default")
    return _run(
        Load(
            port=server.port,
            token=server.token,
            path=path,
            body=LAB_BODY,
            prefix=prefix,
            requests=requests,
            clients=clients,
        )
    )


def empty_posts(
    server: Server, *, requests: int, clients: int = 32, path: str = "/labs"
) -> Outcome:
    """The same requests to the server that does nothing."""
    return _run(
        Load(
            port=server.port,
            token="",
            path=path,
            body=LAB_BODY,
            prefix="empty",
            requests=requests,
            clients=clients,
        )
    )


def _run(load: Load) -> Outcome:
    command = [sys.executable, "-m", "benchmarks.load_client"]
    outcome = msgspec.json.decode(
        answer_of(command, given=msgspec.json.encode(load)), type=Outcome
    )
    if set(outcome.statuses) != {"201"}:
        raise RuntimeError(f"not every request was answered by 201: {outcome.statuses}")
    return outcome
