"""The indexes of a collection of views: one for each question, most of them in list order
(decision 62).

None but that of the tombstones holds any: they are left out by what they lack.
"""

from pymongo import IndexModel

_TOMBSTONES_KEPT_SECONDS = 24 * 60 * 60
_PRESENT = {"state": {"$exists": True}}


def _listed_by(column: str) -> IndexModel:
    return IndexModel(
        [(column, 1), ("_id", 1)], name=f"{column}-place", partialFilterExpression=_PRESENT
    )


TOMBSTONES = IndexModel(
    [("buriedAt", 1)],
    name="tombstones",
    expireAfterSeconds=_TOMBSTONES_KEPT_SECONDS,
    partialFilterExpression={"buriedAt": {"$exists": True}},
)

VIEW_INDEXES = (
    _listed_by("state"),
    _listed_by("template"),
    _listed_by("student"),
    _listed_by("labels"),
    _listed_by("name"),
    IndexModel([("uid", 1)], name="uid", partialFilterExpression=_PRESENT),
    IndexModel(
        [("dueAt", 1), ("_id", 1)],
        name="due",
        partialFilterExpression={"dueAt": {"$exists": True}},
    ),
    TOMBSTONES,
)
