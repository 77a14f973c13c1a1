"""What somebody may do to a log, as statements of SQL, and how it is told."""

from tests.infrastructure.upkeep.vouched_log import CLOSED, LIVE, OTHER

SHIFT = "UPDATE events SET position = -position WHERE position > {0};" + (
    "UPDATE events SET position = -position + {1} WHERE position < 0"
)


def at(position: int, stream: str, version: int, type_: str) -> str:
    """How the place of an event is told."""
    place = rf"position {position} \(2026-03-01T12.*\), stream '{stream}'"
    return f"{place}, version {version}, '{type_}': "


STARTED_OF_ANN = at(7, CLOSED, 2, r"lab-instance\.provisioning-started\.v1")

PLAIN = {
    "a byte in data": (
        "UPDATE events SET data = replace(data, '12:05', '12:06') WHERE position = 7",
        STARTED_OF_ANN + "it is not what was written",
    ),
    "the actor in the metadata": (
        "UPDATE events SET metadata = replace(metadata, 'admin', 'nobod') WHERE position = 7",
        STARTED_OF_ANN + "it is not what was written",
    ),
    "the id of an event": (
        "UPDATE events SET id = x'00112233445566778899aabbccddeeff' WHERE position = 7",
        STARTED_OF_ANN + "it is not what was written",
    ),
    "the time in the data": (
        "UPDATE events SET data = replace(data, '12:00:00', '12:00:01') WHERE position = 7",
        STARTED_OF_ANN + "it is not what was written",
    ),
    "two events of a stream swapped": (
        "UPDATE events SET version = -version WHERE position IN (7, 8);"
        "UPDATE events SET version = 5 + version WHERE position IN (7, 8)",
        at(7, CLOSED, 3, ".*") + "version 2 of its stream is expected here",
    ),
    "an event deleted in the middle": (
        "DELETE FROM events WHERE position = 7",
        at(8, CLOSED, 3, ".*") + "nothing stands between position 6 and this one",
    ),
    "an event deleted and the rest of its stream renumbered": (
        "DELETE FROM events WHERE position = 7;"
        f"UPDATE events SET version = version - 1 WHERE stream = '{CLOSED}' AND version > 2",
        at(8, CLOSED, 2, ".*") + "it is not what was written",
    ),
    "JSON made invalid": (
        "UPDATE events SET data = substr(data, 2) WHERE position = 7",
        STARTED_OF_ANN + "it cannot be decoded: ",
    ),
    "the first events cut off": (
        "DELETE FROM events WHERE position <= 10",
        "the log is another log: it begins with another event",
    ),
    "the time of one event set back": (
        "UPDATE events SET recorded_at = recorded_at - 5000000 WHERE position = 7",
        STARTED_OF_ANN.replace(r"12.*\)", r"12.*\)") + "it is older than the one before",
    ),
    "the time of one event a month ahead": (
        "UPDATE events SET recorded_at = recorded_at + 2592000000000 WHERE position = 7",
        at(8, CLOSED, 3, ".*") + "it is older than the one before",
    ),
    "all positions doubled": (
        "UPDATE events SET position = -2 * position;UPDATE events SET position = -position",
        "position 4 .* nothing stands between position 2 and this one",
    ),
    "a view that says failed": (
        "UPDATE views SET document = replace(document, '\"ready\"', '\"failed\"')"
        " WHERE name = 'bob'",
        "the view of lab class-a/bob is not what the log gives",
    ),
    "a view removed": (
        "DELETE FROM views WHERE name = 'bob'",
        "the view of lab class-a/bob is not what the log gives",
    ),
    "views ahead of the log": (
        "UPDATE checkpoint SET position = 99",
        "the views are at position 99, beyond the end of the log",
    ),
}


FORGED = """
INSERT INTO events SELECT {position}, stream, {version}, x'00112233445566778899aabbccddeeff', type,
data, replace(metadata, 'admin', 'bob'), {at} FROM events WHERE position = 8
"""
LAST_AT = "(SELECT max(recorded_at) FROM events)"

COVERED = {
    "deleted in the middle, renumbered and resealed": (
        "DELETE FROM events WHERE position = 7;"
        f"UPDATE events SET version = version - 1 WHERE stream = '{CLOSED}' AND version > 2;"
        + SHIFT.format(7, -1)
    ),
    "the last event of a closed lab": (
        "DELETE FROM events WHERE position = 10;" + SHIFT.format(10, -1)
    ),
    "the last event of a live lab": (
        "DELETE FROM events WHERE position = 28;" + SHIFT.format(28, -1)
    ),
    "the whole stream of a closed lab": (
        f"DELETE FROM events WHERE stream = '{CLOSED}';{SHIFT.format(10, -5)}"
    ),
    "the whole stream of a live lab": (
        f"DELETE FROM events WHERE stream = '{LIVE}';{SHIFT.format(28, -3)}"
    ),
    "the last events": "DELETE FROM events WHERE position > 30",
    "the last events, with views set back": (
        "DELETE FROM events WHERE position > 30;UPDATE checkpoint SET position = 0;"
        "DELETE FROM views"
    ),
    "a forged event inserted in the past": (
        f"UPDATE events SET version = -version WHERE stream = '{CLOSED}' AND version > 3;"
        f"UPDATE events SET version = 1 - version WHERE stream = '{CLOSED}' AND version < 0;"
        + SHIFT.format(8, 1)
        + ";"
        + FORGED.format(
            position=9, version=4, at="(SELECT recorded_at FROM events WHERE position = 8)"
        )
    ),
    "a stream with another actor": (
        f"UPDATE events SET metadata = replace(metadata, 'admin', 'bob') WHERE stream = '{CLOSED}'"
    ),
    "a stream with another student": (
        "UPDATE events SET data = replace(data, 'ada@', 'eve@') WHERE position = 6"
    ),
    "another reason of a deletion": (
        "UPDATE events SET data = replace(data, '\"user\"', '\"expired\"') WHERE position = 9"
    ),
    "a stream renamed": (
        f"UPDATE events SET stream = 'labinstance-class-a/zoe' WHERE stream = '{CLOSED}';"
        "UPDATE events SET data = replace(data, '\"ann\"', '\"zoe\"') WHERE position = 6"
    ),
    "the time of one event set back": (
        "UPDATE events SET recorded_at = recorded_at - 500000 WHERE position = 7"
    ),
    "the time of the last event a month ahead": (
        "UPDATE events SET recorded_at = recorded_at + 2592000000000 WHERE position = 34"
    ),
    "the order of two streams exchanged": (
        f"UPDATE events SET position = -position WHERE stream IN ('{CLOSED}', '{OTHER}');"
        f"UPDATE events SET position = -position + 5 WHERE stream = '{CLOSED}';"
        f"UPDATE events SET position = -position - 5 WHERE stream = '{OTHER}';"
        "UPDATE events SET recorded_at = (SELECT min(recorded_at) FROM events)"
        " + (position - 1) * 1000000"
    ),
}
