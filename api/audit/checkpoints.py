"""The paths of checkpoints: those that were kept, and one of them with its proof."""

from base64 import b64encode
from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.audit.shapes import CheckpointDocument, CheckpointListDocument, CheckpointMetadata
from api.http.refusals import BadRequest, ObjectNotFound
from api.http.responses import json_response
from api.http.routing import Methods
from api.kubernetes.continue_token import ContinueFrom, read_token, write_token
from api.kubernetes.kinds import CHECKPOINTS
from api.kubernetes.list_metadata import ListMetadata
from api.kubernetes.options import number
from api.kubernetes.timestamp import timestamp
from api.services import Services
from application.mediator.checkpoint_questions import (
    GetCheckpoint,
    ListCheckpoints,
    ProvenCheckpoint,
)
from application.ports.signed_checkpoints import KeptCheckpoint
from domain.lab_instance.key import LabKey
from domain.log_tree.checkpoint import read_checkpoint
from domain.log_tree.note import read_note

LATEST = "latest"
_DEFAULT_LIMIT, _MOST = 100, 1000
_PLACE = LabKey("", CHECKPOINTS.plural)
_MOST_DIGITS = 18


def checkpoint_paths(services: Services) -> Mapping[str, Methods]:
    """All paths of checkpoints."""
    reads = CheckpointReads(services)
    collection = f"{CHECKPOINTS.base}/{CHECKPOINTS.plural}"
    return {
        collection: {"GET": reads.list},
        f"{collection}/{{name}}": {"GET": reads.get},
    }


class CheckpointReads:
    """The reading routes; nobody writes checkpoints from outside."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator

    async def list(self, request: Request) -> Response:
        """The newest ones; `limit` at most, and `continue` for older ones."""
        query = request.query_params
        limit = min(number(query, "limit", absent=0) or _DEFAULT_LIMIT, _MOST)
        before = _before(query.get("continue"))
        found = await self._mediator.ask(ListCheckpoints(before=before, limit=limit + 1))
        items = [_rendered(kept) for kept in found[:limit]]
        rest: str | None = None
        if len(found) > limit:
            last = found[limit - 1].number
            rest = write_token(ContinueFrom(after=_PLACE, position=last, past=True))
        version = str(found[0].number) if found else "0"
        metadata = ListMetadata(resource_version=version, continue_=rest)
        return json_response(CheckpointListDocument(metadata=metadata, items=items))

    async def get(self, request: Request) -> Response:
        """`latest`, or the one of that size; `provenFrom` asks for the proof that its tree begins
        with that of so many leaves."""
        name = request.path_params["name"]
        proven_from = number(request.query_params, "provenFrom", absent=-1)
        found = await self._found(name, proven_from if proven_from >= 0 else None)
        if found is None:
            raise ObjectNotFound(group=CHECKPOINTS.group, plural=CHECKPOINTS.plural, name=name)
        if proven_from >= 0 and found.proof is None:
            raise BadRequest(
                f"provenFrom {proven_from}: no tree of this log begins so and has the size "
                f"{found.kept.size}"
            )
        document = _rendered(found.kept)
        proof = None
        if found.proof is not None:
            proof = [b64encode(hash_).decode() for hash_ in found.proof]
        return json_response(
            msgspec.structs.replace(
                document,
                api_version=CHECKPOINTS.api_version,
                kind=CHECKPOINTS.kind,
                proof=proof,
            )
        )

    async def _found(self, name: str, proven_from: int | None) -> ProvenCheckpoint | None:
        if name == LATEST:
            return await self._mediator.ask(GetCheckpoint(size=None, proven_from=proven_from))
        if not (name.isascii() and name.isdigit() and len(name) <= _MOST_DIGITS):
            return None
        return await self._mediator.ask(GetCheckpoint(size=int(name), proven_from=proven_from))


def _before(token: str | None) -> int | None:
    if not token:
        return None
    place = read_token(token)
    if place.after != _PLACE:
        raise BadRequest("continue key is not valid")
    return place.position


def _rendered(kept: KeptCheckpoint) -> CheckpointDocument:
    checkpoint = read_checkpoint(read_note(kept.note).text)
    return CheckpointDocument(
        metadata=CheckpointMetadata(
            name=str(kept.size), creation_timestamp=timestamp(checkpoint.at)
        ),
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=b64encode(checkpoint.root).decode(),
        note=kept.note,
    )
