"""The tables of the audit's records: a file of their own beside the log, made anew when it is of
another version. Texts that come again and again are words, and stand once."""

import sqlite3

VERSION = 1

TABLES = f"""
CREATE TABLE checkpoint (position INTEGER NOT NULL, origin TEXT NOT NULL) STRICT;

CREATE TABLE words (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE acts (
    position INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    id BLOB NOT NULL,
    hash BLOB NOT NULL,
    type INTEGER NOT NULL,
    resource INTEGER NOT NULL,
    namespace INTEGER NOT NULL,
    name INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    actor INTEGER NOT NULL,
    on_behalf_of INTEGER NOT NULL
) STRICT;
CREATE INDEX acts_actor ON acts (actor, position);
CREATE INDEX acts_type ON acts (type, position);
CREATE INDEX acts_namespace ON acts (namespace, position);
CREATE INDEX acts_name ON acts (name, position);

CREATE TABLE verbs (type INTEGER PRIMARY KEY, verb INTEGER NOT NULL) STRICT;

CREATE TABLE spans (
    hour INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL
) STRICT;

CREATE TABLE lives (
    created_position INTEGER PRIMARY KEY,
    uid INTEGER NOT NULL UNIQUE,
    namespace INTEGER NOT NULL,
    name INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    creator INTEGER NOT NULL,
    student INTEGER NOT NULL,
    template INTEGER NOT NULL,
    labels INTEGER NOT NULL,
    gone_at INTEGER
) STRICT;
CREATE INDEX lives_place ON lives (namespace, name);
CREATE INDEX lives_student ON lives (student);
CREATE INDEX lives_present ON lives (created_position) WHERE gone_at IS NULL;

CREATE TABLE transitions (
    position INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    life INTEGER NOT NULL,
    former INTEGER NOT NULL,
    state INTEGER NOT NULL
) STRICT;
CREATE INDEX transitions_at ON transitions (at);

CREATE TABLE hours (
    hour INTEGER NOT NULL,
    state INTEGER NOT NULL,
    net INTEGER NOT NULL,
    PRIMARY KEY (hour, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE uses (
    since_position INTEGER PRIMARY KEY,
    life INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    student INTEGER NOT NULL,
    template INTEGER NOT NULL,
    labels INTEGER NOT NULL,
    namespace INTEGER NOT NULL
) STRICT;
CREATE INDEX uses_open ON uses (life) WHERE until IS NULL;
CREATE INDEX uses_until ON uses (until);

CREATE TABLE resting (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    resource_version INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (namespace, name, version)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = {VERSION};
"""
"""Times are microseconds since 1970, hours whole ones since then. `verbs`: the verb of each type
that was met. `spans`: the first and the last position of acts of each hour, by their own time.
`hours`: how many labs more are in a state after that hour. A `life` is its created position."""


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether the file has these tables."""
    [version] = connection.execute("PRAGMA user_version").fetchone()
    return bool(version == VERSION)
