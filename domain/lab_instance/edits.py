"""What has changed in something large, where to record the whole of it again and again would
fill the log with what had not changed. An edit is a value: applied to what was, it gives what
is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.lab_instance.field_manager import FieldManager

SMALL = 4096
"""Characters up to which the whole is recorded: then it is the simpler thing to read."""

Managers = tuple[FieldManager, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextsEdit:
    """Under some names something else is said from now on, under others nothing any more."""

    said: Mapping[str, str]
    unsaid: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEdit:
    """Of the text before, so many characters stay at its start and at its end; between them
    stands `between`."""

    start: int
    between: str
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerEdit:
    """The fields of one manager are others now, or his first ones."""

    manager: str
    operation: str
    subresource: str
    fields: TextEdit
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagersEdit:
    """Some managers have other fields, some none any more: manager, operation, subresource."""

    edited: tuple[ManagerEdit, ...]
    gone: tuple[tuple[str, ...], ...]


def edit_of_texts(before: Mapping[str, str], after: Mapping[str, str]) -> TextsEdit:
    """How `before` becomes `after`."""
    return TextsEdit(
        said={name: text for name, text in after.items() if before.get(name) != text},
        unsaid=tuple(sorted(before.keys() - after.keys())),
    )


def edited_texts(before: Mapping[str, str], edit: TextsEdit) -> Mapping[str, str]:
    """What `before` becomes."""
    kept = {name: text for name, text in before.items() if name not in edit.unsaid}
    return {**kept, **edit.said}


def edit_of_text(before: str, after: str) -> TextEdit:
    """How `before` becomes `after`: what both begin and end with is not repeated."""
    shorter = min(len(before), len(after))
    start = _common(shorter, lambda size: before.startswith(after[:size]))
    end = _common(shorter - start, lambda size: before.endswith(after[len(after) - size :]))
    return TextEdit(start=start, between=after[start : len(after) - end], end=end)


def edited_text(before: str, edit: TextEdit) -> str:
    """What `before` becomes."""
    return before[: edit.start] + edit.between + before[len(before) - edit.end :]


def edit_of_managers(before: Managers, after: Managers) -> ManagersEdit:
    """How `before` becomes `after`, but for their order."""
    were, are = _by_name(before), _by_name(after)
    return ManagersEdit(
        edited=tuple(
            ManagerEdit(
                manager=each.manager,
                operation=each.operation,
                subresource=each.subresource,
                fields=edit_of_text(were[name].fields if name in were else "", each.fields),
                at=each.at,
            )
            for name, each in are.items()
            if were.get(name) != each
        ),
        gone=tuple(sorted(were.keys() - are.keys())),
    )


def edited_managers(before: Managers, edit: ManagersEdit) -> Managers:
    """What `before` becomes, in the order of the names."""
    found = {name: each for name, each in _by_name(before).items() if name not in edit.gone}
    for each in edit.edited:
        name = (each.manager, each.operation, each.subresource)
        had = found[name].fields if name in found else ""
        found[name] = FieldManager(
            manager=each.manager,
            operation=each.operation,
            subresource=each.subresource,
            fields=edited_text(had, each.fields),
            at=each.at,
        )
    return tuple(each for _, each in sorted(found.items()))


def are_small(texts: Mapping[str, str]) -> bool:
    """Whether they are recorded as a whole."""
    return sum(map(len, texts)) + sum(map(len, texts.values())) <= SMALL


def are_few(managers: Sequence[FieldManager]) -> bool:
    """Whether they are recorded as a whole."""
    return sum(len(each.fields) for each in managers) <= SMALL


def _by_name(managers: Managers) -> dict[tuple[str, ...], FieldManager]:
    return {(each.manager, each.operation, each.subresource): each for each in managers}


def _common(most: int, holds: Callable[[int], bool]) -> int:
    """The largest size up to `most` for which it holds; it holds for all smaller ones."""
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        low, most = (middle, most) if holds(middle) else (low, middle - 1)
    return low
