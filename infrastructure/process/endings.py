"""How a lab ends here: its tree is stopped, then its files are removed, kept, or set aside."""

from application.ports.provisioner import SetAside
from infrastructure.process.files import is_uid
from infrastructure.process.ground import Ground
from infrastructure.process.known_runtime import KnownRuntime
from infrastructure.process.ports import is_taken

_NO_UID = "no lab can have such a uid"


async def take_down(ground: Ground, uid: str, *, grace: float, keep_files: bool) -> str:
    """Stop the lab and remove or keep its files; the proof. Raises ProvisionerError."""
    if not is_uid(uid):
        return f"there was nothing to remove: {_NO_UID}"
    ended = await ground.runtimes.stop(uid, grace=grace)
    known = ground.runtimes.known.get(uid)
    if keep_files:
        if known is not None:
            await ground.runtimes.note_stopped(known)
        return f"{_swept(ended)}; its files are kept"
    removed = await ground.departures.remove(uid)
    ground.runtimes.forget(uid)
    if not ended and not removed:
        return "there was nothing to remove: no directory, and a sweep of /proc finds none"
    return f"{_swept(ended)}; its directory is removed; {_door(known)}"


async def put_aside(ground: Ground, uid: str, *, grace: float) -> SetAside:
    """Stop the lab and move its files to where they are kept. Raises ProvisionerError."""
    if not is_uid(uid):
        return SetAside(proof=f"there was nothing to set aside: {_NO_UID}", place="")
    ended = await ground.runtimes.stop(uid, grace=grace)
    place = await ground.aside.keep(uid)
    ground.runtimes.forget(uid)
    if place is not None:
        proof = f"{_swept(ended)}; its files are kept in {ground.aside.told(place)}"
        return SetAside(proof=proof, place=str(place))
    if ended:
        return SetAside(proof=f"{_swept(ended)}; there were no files of it", place="")
    nothing = "there was nothing to set aside: no directory, and a sweep of /proc finds none"
    return SetAside(proof=nothing, place="")


def _swept(ended: int) -> str:
    return f"processes ended: {ended}; a sweep of /proc finds none of this lab"


def _door(known: KnownRuntime | None) -> str:
    if known is None:
        return "no port of it is known"
    port = known.record.port
    return f"port {port} is another's now" if is_taken(port) else f"its port {port} is closed"
