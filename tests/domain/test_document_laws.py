"""Laws of objects, for any history of wishes."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.api_object.api_object import ApiObject
from domain.api_object.commands import (
    ApiObjectCommand,
    CompleteRemoval,
    DeclareApiObject,
    RemoveApiObject,
    ReplaceApiObject,
)
from domain.api_object.decide import decide
from domain.api_object.errors import ApiObjectRefused
from domain.api_object.evolve import evolve
from domain.api_object.key import ApiObjectKey, ApiObjectKind, namespace_key
from domain.precondition import ANY
from tests.domain.scenario import NOW

_KEYS = st.sampled_from(
    [
        namespace_key("course"),
        ApiObjectKey(kind=ApiObjectKind.LEASE, namespace="course", name="leader"),
    ]
)
_FINALIZERS = st.sampled_from([(), ("a/b",), ("a/b", "c/d")])
_LABELS = st.sampled_from([{}, {"term": "spring"}])


@st.composite
def _commands(draw: st.DrawFn, key: ApiObjectKey) -> ApiObjectCommand:
    labels, finalizers = draw(_LABELS), draw(_FINALIZERS)
    kind = draw(st.sampled_from(["declare", "replace", "remove", "complete"]))
    match kind:
        case "declare":
            return DeclareApiObject(
                key=key,
                uid=draw(st.sampled_from(["1", "2"])),
                labels=labels,
                annotations={},
                finalizers=finalizers,
                content={},
                managers=(),
            )
        case "replace":
            return ReplaceApiObject(
                key=key,
                labels=labels,
                annotations={},
                finalizers=finalizers,
                content={},
                managers=(),
                precondition=ANY,
            )
        case "remove":
            return RemoveApiObject(key=key, reason="user", precondition=ANY)
        case _:
            return CompleteRemoval(key=key, uid="1")


_SCRIPTS = _KEYS.flatmap(lambda key: st.lists(_commands(key), max_size=12))


def _carried_out(api_object: ApiObject | None, command: ApiObjectCommand) -> ApiObject | None:
    try:
        facts = decide(api_object, command, NOW)
    except ApiObjectRefused:
        return api_object
    for fact in facts:
        api_object = evolve(api_object, fact)
    return api_object


@given(_SCRIPTS)
def test_a_repeated_wish_leads_to_nothing_new(script: list[ApiObjectCommand]) -> None:
    api_object: ApiObject | None = None
    for command in script:
        api_object = _carried_out(api_object, command)
        if isinstance(command, DeclareApiObject):
            continue  # a name that is taken is refused, to the one who took it as well
        assert _carried_out(api_object, command) == api_object


@given(_SCRIPTS)
def test_whatever_goes_is_gone_once_nothing_holds_it(script: list[ApiObjectCommand]) -> None:
    api_object: ApiObject | None = None
    for command in script:
        api_object = _carried_out(api_object, command)
    if api_object is None or api_object.removed:
        return
    key = api_object.key
    release = ReplaceApiObject(
        key=key,
        labels={},
        annotations={},
        finalizers=(),
        content={},
        managers=(),
        precondition=ANY,
    )
    remove = RemoveApiObject(key=key, reason="user", precondition=ANY)
    for command in (remove, release, CompleteRemoval(key=key, uid=api_object.uid)):
        api_object = _carried_out(api_object, command)
    assert api_object is not None
    assert api_object.removed
    assert api_object.changed_at - NOW < timedelta(seconds=1)
