"""Checkpoints over HTTP: the newest, older ones, and that one goes on from another."""

from base64 import b64decode

import pytest

from application.proving.checkpoint_maker import CheckpointMaker
from domain.log_tree.checkpoint import LogCheckpoint, read_checkpoint
from domain.log_tree.note import VerifierKey, read_note, signed_note
from domain.log_tree.proofs import is_consistent
from infrastructure.memory.signed_checkpoints import MemoryLogTree
from tests.api.arrangement import Api

PATH = "/apis/audit.lab.neuroglia.com/v1/checkpoints"


def _sign(checkpoint: LogCheckpoint) -> str:
    return str(signed_note(checkpoint.text, VerifierKey("nobody", bytes(32)), bytes(64)))


async def _vouched(api: Api, *names: str) -> None:
    """A checkpoint after each lab."""
    tree = MemoryLogTree(api.inner.store)
    maker = CheckpointMaker(tree, api.inner.signed, _sign, api.inner.clock)
    for name in names:
        await api.create(name)
        assert await maker.make()


async def test_no_checkpoint_is_there_before_the_first(api: Api) -> None:
    listed = (await api.client.get(PATH)).json()
    assert (listed["kind"], listed["items"]) == ("CheckpointList", [])
    latest = await api.client.get(f"{PATH}/latest")
    assert (latest.status_code, latest.json()["reason"]) == (404, "NotFound")


async def test_the_newest_checkpoint_is_told_with_its_note(api: Api) -> None:
    await _vouched(api, "ann", "bob")
    latest = (await api.client.get(f"{PATH}/latest")).json()
    told = read_checkpoint(read_note(latest["note"]).text)
    assert (latest["kind"], latest["apiVersion"]) == (
        "Checkpoint",
        "audit.lab.neuroglia.com/v1",
    )
    assert (latest["size"], latest["origin"]) == (told.size, told.origin)
    assert b64decode(latest["root"]) == told.root
    assert (await api.client.get(f"{PATH}/{told.size}")).json() == latest


async def test_checkpoints_are_listed_in_pages_the_newest_first(api: Api) -> None:
    await _vouched(api, "ann", "bob", "cat")
    sizes: list[int] = []
    token = ""
    for _ in range(3):
        answer = (await api.client.get(PATH, params={"limit": 1, "continue": token})).json()
        sizes += [item["size"] for item in answer["items"]]
        token = answer["metadata"].get("continue", "")
    assert token == ""
    assert len(sizes) == 3
    assert sizes == sorted(sizes, reverse=True)


async def test_a_checkpoint_is_proved_to_go_on_from_an_earlier_one(api: Api) -> None:
    await _vouched(api, "ann", "bob", "cat")
    listed = (await api.client.get(PATH)).json()["items"]
    newest, _, oldest = (read_checkpoint(read_note(one["note"]).text) for one in listed)
    query = {"provenFrom": oldest.size}
    proven = (await api.client.get(f"{PATH}/latest", params=query)).json()
    path = [b64decode(hash_) for hash_ in proven["proof"]]
    assert is_consistent((oldest.size, oldest.root), (newest.size, newest.root), path)


@pytest.mark.parametrize("name", ["first", "-1", "0x1", "99", "9" * 40, "0" * 5000, "%C2%B2"])
async def test_a_checkpoint_that_is_not_there_is_not_found(api: Api, name: str) -> None:
    await _vouched(api, "ann")
    answer = await api.client.get(f"{PATH}/{name}")
    assert (answer.status_code, answer.json()["reason"]) == (404, "NotFound")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/latest", {"provenFrom": "1000"}),
        ("/latest", {"provenFrom": "x"}),
        ("", {"continue": "x"}),
        ("", {"limit": "x"}),
    ],
)
async def test_a_question_without_an_answer_is_refused(
    api: Api, path: str, query: dict[str, str]
) -> None:
    await _vouched(api, "ann")
    answer = await api.client.get(PATH + path, params=query)
    assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")


async def test_checkpoints_cannot_be_written_from_outside(api: Api) -> None:
    assert (await api.client.post(PATH, json={})).status_code == 405
