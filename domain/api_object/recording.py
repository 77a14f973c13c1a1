"""Which fact records that an object says something else: see `domain.lab_instance.recording`."""

from domain.api_object.api_object import ApiObject
from domain.api_object.events import ApiObjectEdited, ApiObjectReplaced
from domain.api_object.evolve import evolve
from domain.lab_instance.edits import are_few, are_small, edit_of_managers, edit_of_texts


def replacing_fact(
    before: ApiObject, after: ApiObjectReplaced
) -> ApiObjectReplaced | ApiObjectEdited:
    """The fact that leads from the object to what `after` describes."""
    texts = (after.labels, after.annotations, after.content)
    if are_few(after.managers) and all(map(are_small, texts)):
        return after
    edited = ApiObjectEdited(
        labels=edit_of_texts(before.labels, after.labels),
        annotations=edit_of_texts(before.annotations, after.annotations),
        finalizers=after.finalizers,
        content=edit_of_texts(before.content, after.content),
        managers=edit_of_managers(before.managers, after.managers),
        at=after.at,
    )
    return edited if evolve(before, edited) == evolve(before, after) else after
