"""The file's tables and indexes, and what makes a file one of ours.

A view is a document with columns for what is searched, and each list has its index: decision 23.
"""

import sqlite3

APPLICATION_ID = 0x4C52_4D31
"""Marks the file's header, so that a foreign file is never written into."""

_FIRST_VERSION = """
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    UNIQUE (stream, version)
) STRICT;

CREATE TABLE views (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    resource_version INTEGER NOT NULL,
    uid TEXT NOT NULL,
    state TEXT NOT NULL,
    template TEXT NOT NULL,
    student TEXT NOT NULL,
    due_at INTEGER,
    labels TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (namespace, name)
) STRICT;
CREATE INDEX views_uid ON views (uid);
CREATE INDEX views_state ON views (state, namespace, name);
CREATE INDEX views_template ON views (template, namespace, name);
CREATE INDEX views_student ON views (student, namespace, name);
CREATE INDEX views_due ON views (due_at, namespace, name) WHERE due_at IS NOT NULL;
CREATE INDEX views_unsettled ON views (namespace, name) WHERE state <> 'failed';

CREATE TABLE labels (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (namespace, name, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX labels_value ON labels (key, value, namespace, name);

CREATE TRIGGER view_inserted AFTER INSERT ON views WHEN new.labels <> '{}' BEGIN
    INSERT INTO labels SELECT key, value, new.namespace, new.name FROM json_each(new.labels);
END;
CREATE TRIGGER view_updated AFTER UPDATE ON views WHEN old.labels <> new.labels BEGIN
    DELETE FROM labels WHERE namespace = old.namespace AND name = old.name;
    INSERT INTO labels SELECT key, value, new.namespace, new.name FROM json_each(new.labels);
END;
CREATE TRIGGER view_deleted AFTER DELETE ON views BEGIN
    DELETE FROM labels WHERE namespace = old.namespace AND name = old.name;
END;

CREATE TABLE checkpoint (position INTEGER NOT NULL) STRICT;
INSERT INTO checkpoint VALUES (0);

CREATE TABLE followers (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""

_SECOND_VERSION = """
ALTER TABLE checkpoint ADD COLUMN origin TEXT;

CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    token INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

_VIEWS_ANEW = "DELETE FROM views; UPDATE checkpoint SET position = 0;"
"""For a version whose views hold more than those before: the log holds all of it."""

_DOCUMENTS = """
CREATE TABLE documents (
    kind TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    resource_version INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, namespace, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX documents_age ON documents (kind, changed_at, namespace, name);
"""

_EPOCHS = """
CREATE TABLE epochs (
    number INTEGER PRIMARY KEY,
    first_position INTEGER NOT NULL,
    follows TEXT NOT NULL,
    reason TEXT NOT NULL,
    begun_at INTEGER NOT NULL
) STRICT;
"""
"""The times at which the log was accepted as it stood, what was its last event's hash then, and
why. A file with a row here has a tip beside it."""

_FOLLOWED_LOG = """
ALTER TABLE followers ADD COLUMN origin TEXT NOT NULL DEFAULT '';
UPDATE followers SET origin = coalesce((SELECT origin FROM checkpoint), '');
"""
"""Which log a follower's position is of: until now the one that the views are of."""

_COMMANDS = f"""
CREATE TABLE commands (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
{_VIEWS_ANEW}
"""
"""The commands that may be repeated, by their ids in hexadecimal digits; each with its last
event."""
_TREE = """
CREATE TABLE tree (
    height INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (height, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE tree_found (size INTEGER NOT NULL) STRICT;
INSERT INTO tree_found SELECT count(*) FROM events;

CREATE TABLE signed_checkpoints (
    number INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX signed_checkpoints_size ON signed_checkpoints (size);
"""
"""Subtrees over the log by height and number, with the position of the last event under each; how
many events were not seen when they were written; and what was signed."""
_PAST_INDEX = """
CREATE TABLE lifetimes (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    first_version INTEGER NOT NULL,
    uid TEXT NOT NULL,
    born INTEGER NOT NULL,
    born_at INTEGER NOT NULL,
    gone INTEGER,
    last_version INTEGER,
    PRIMARY KEY (namespace, name, first_version)
) STRICT, WITHOUT ROWID;
CREATE TABLE stretches (
    after INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    events INTEGER NOT NULL
) STRICT;
ALTER TABLE checkpoint ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
"""
"""Decision 126. The views stay: who writes them makes up for what the index lacks."""

VERSIONS = (
    _FIRST_VERSION,
    _SECOND_VERSION,
    _VIEWS_ANEW,
    _DOCUMENTS,
    _EPOCHS,
    _FOLLOWED_LOG,
    _COMMANDS,
    _TREE,
    _PAST_INDEX,
)
"""What each version adds to the one before it; a file passes through all of them."""

SCHEMA_VERSION = len(VERSIONS)


class SchemaMismatch(Exception):
    """The file is a database, but not one that this program can work with."""


def known_version(connection: sqlite3.Connection) -> int:
    """The version of the tables in the file, 0 where there are none; only looks. Raises
    SchemaMismatch where they are not ours, or of a newer program."""
    if _number(connection, "SELECT count(*) FROM sqlite_schema") == 0:
        return 0
    if _number(connection, "PRAGMA application_id") != APPLICATION_ID:
        raise SchemaMismatch("it was made by another program")
    version = _number(connection, "PRAGMA user_version")
    if version > SCHEMA_VERSION:
        raise SchemaMismatch(
            f"it has schema version {version}, and this program knows up to {SCHEMA_VERSION}; "
            "use the newer program that wrote it"
        )
    return version


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file, or bring those of an older version up to date. Raises
    SchemaMismatch, having changed nothing."""
    version = known_version(connection)
    if version < SCHEMA_VERSION:
        connection.executescript(
            f"BEGIN IMMEDIATE; {''.join(VERSIONS[version:])}"
            f"PRAGMA application_id = {APPLICATION_ID};"
            f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )


def _number(connection: sqlite3.Connection, query: str) -> int:
    [number] = connection.execute(query).fetchone()
    return int(number)
