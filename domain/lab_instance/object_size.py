"""How large an object may be as a whole: Kubernetes' own limit, that of its store."""

from collections.abc import Mapping, Sequence

from domain.errors import ObjectTooLarge
from domain.lab_instance.field_manager import FieldManager

LARGEST_OBJECT = 1536 * 1024
"""Bytes."""

_LONGEST_LETTER = 4  # bytes, in UTF-8


def letters_in(texts: Sequence[Mapping[str, str]], managers: Sequence[FieldManager]) -> int:
    """How many letters clients keep there."""
    letters = 0
    for each in managers:
        letters += len(each.fields) + len(each.manager)
    for said in texts:
        if said:
            for name, text in said.items():
                letters += len(name) + len(text)
    return letters


def check_size(
    name: str,
    texts: Sequence[Mapping[str, str]],
    managers: Sequence[FieldManager],
    *,
    largest: int = LARGEST_OBJECT,
) -> None:
    """Raises ObjectTooLarge when what clients keep in an object is too much together. What has
    a lower limit of its own, as a spec has, is not counted."""
    if letters_in(texts, managers) * _LONGEST_LETTER <= largest:  # as almost always
        return
    size = sum(len(f"{each.fields}{each.manager}".encode()) for each in managers)
    size += sum(len(text.encode()) for said in texts for entry in said.items() for text in entry)
    if size > largest:
        raise ObjectTooLarge(name, size, largest)
