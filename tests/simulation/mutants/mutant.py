"""How the real code is changed on purpose, in this operating system process and for good."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_PRODUCT = ("domain.", "application.", "infrastructure.")


class OutdatedMutant(Exception):
    """What a mutant replaces is not what it was when the mutant was written."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the mutant replaces {name}, but {reason}: write it anew")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A mistake that somebody could make. `mistake` says it in a line."""

    mistake: str
    apply: Callable[[], None]


def method(owner: type, name: str, mutated: Callable[[Any], Any]) -> Callable[[], None]:
    """What replaces a method: `mutated` is given the original and returns the other one, which
    must take the same parameters. Raises OutdatedMutant when applied to what has changed."""

    def apply() -> None:
        original = vars(owner).get(name)
        if original is None:
            raise OutdatedMutant(f"{owner.__qualname__}.{name}", "there is none")
        replacement = mutated(original)
        _check_same_shape(f"{owner.__qualname__}.{name}", original, replacement)
        setattr(owner, name, replacement)

    return apply


def function(original: Callable[..., Any], mutated: Callable[[Any], Any]) -> Callable[[], None]:
    """The same for a function, in every module of the product that uses it."""

    def apply() -> None:
        replacement = mutated(original)
        _check_same_shape(original.__qualname__, original, replacement)
        for name, module in sorted(sys.modules.items()):
            if name.startswith(_PRODUCT):
                for attribute, value in list(vars(module).items()):
                    if value is original:
                        setattr(module, attribute, replacement)

    return apply


def together(*parts: Callable[[], None]) -> Callable[[], None]:
    """A mistake that has to be made in several places."""

    def apply() -> None:
        for part in parts:
            part()

    return apply


def _check_same_shape(name: str, original: Any, replacement: Any) -> None:
    old, new = (inspect.unwrap(_plain(one)) for one in (original, replacement))
    if inspect.iscoroutinefunction(old) is not inspect.iscoroutinefunction(new):
        raise OutdatedMutant(name, "one of the two is asynchronous")
    if [*inspect.signature(old).parameters] != [*inspect.signature(new).parameters]:
        raise OutdatedMutant(name, "it takes other parameters")


def _plain(one: Any) -> Any:
    return one.fget if isinstance(one, property) else one
