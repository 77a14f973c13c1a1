"""What a lab sees of the machine's directories: a plan that each sandbox carries out.

Some places are covered by an empty directory; what a lab needs inside them is shown again.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from infrastructure.process.files import LabFiles

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  it is covered, not used
TEMPORARY = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108  they are covered, not used
_PRIVATE = (Path("/run"), Path("/root"), Path("/home"))
_LINKS_AT_MOST = 40


@dataclass(frozen=True, slots=True)
class Cover:
    """An empty directory in this place; one for everybody's use can be written to."""

    path: Path
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    """What is at this place on the machine, read-only unless it is `writable`."""

    path: Path
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link, as it is on the machine."""

    path: Path
    target: str


Step = Cover | Show | Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounts:
    """`covers` and what is `shown` of them to every lab; a place is real, or a way through
    symbolic links to one. With `strangers`, labs run as users of their own, who may not pass
    through directories closed to others."""

    covers: Sequence[Cover]
    shown: Sequence[Path]
    strangers: bool

    def showing(self, *places: Path) -> "Mounts":
        """The plan with more to be shown."""
        return replace(self, shown=(*self.shown, *places))

    def steps(self, files: LabFiles) -> Sequence[Step]:
        """The fewest steps that make it so, in their order: what is above comes first."""
        wanted: dict[Path, Step] = {cover.path: cover for cover in self.covers}
        for place in (*self.shown, files.token):
            links, real = way_to(place)
            wanted |= {link.path: link for link in links}
            wanted[real] = Show(real)
        wanted[files.work] = Show(files.work, writable=True)
        if self.strangers:
            for place in tuple(wanted):
                closed = {above: Cover(above) for above in closed_above(place)}
                wanted = closed | wanted
        return _fewest(wanted)


def usual_mounts(
    *, root: Path, data_dir: Path, shown: Collection[Path], strangers: bool
) -> Mounts:
    """Covers the homes, the temporary and run-time directories and the service's data."""
    private = {place.resolve() for place in (*_PRIVATE, Path.home(), data_dir, root)}
    open_to_all = {place.resolve() for place in (*TEMPORARY, SHARED_MEMORY)}
    covers = [Cover(place) for place in private if place.is_dir() and place != Path("/")]
    covers += [Cover(place, writable=True) for place in open_to_all if place.is_dir()]
    resolver = Path("/run/systemd/resolve")  # /etc/resolv.conf may lead there
    names = [resolver] if resolver.is_dir() else []
    return Mounts(covers=covers, shown=[*names, *shown], strangers=strangers)


def way_to(place: Path) -> tuple[Sequence[Link], Path]:
    """The symbolic links on the way to a place, and the real place. May raise OSError."""
    links: list[Link] = []
    reached, ahead = Path("/"), list(place.absolute().parts[1:])
    while ahead:
        step = ahead.pop(0)
        if step == "..":
            reached = reached.parent
            continue
        reached /= step
        if not reached.is_symlink():
            continue
        if len(links) == _LINKS_AT_MOST:
            raise OSError(f"{place} leads through too many symbolic links")
        target = reached.readlink()
        links.append(Link(reached, str(target)))
        reached = Path("/") if target.is_absolute() else reached.parent
        ahead = [*(target.parts[1:] if target.is_absolute() else target.parts), *ahead]
    return links, reached


def closed_above(place: Path) -> Iterator[Path]:
    """The directories above a real place that only some users may pass through."""
    for above in place.parents:
        if above != Path("/") and above.exists() and not above.stat().st_mode & 0o001:
            yield above


def _fewest(wanted: dict[Path, Step]) -> Sequence[Step]:
    kept: list[Step] = []
    for step in sorted(wanted.values(), key=lambda step: step.path.parts):
        above = [one for one in kept if step.path.is_relative_to(one.path)]
        cover = above[-1] if above and isinstance(above[-1], Cover) else None
        if isinstance(step, Cover):
            needed = cover is None or (cover.writable and not step.writable)
        else:
            needed = cover is not None
        if needed:
            kept.append(step)
    return kept
