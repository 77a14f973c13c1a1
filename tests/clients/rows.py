"""What clients are shown to do with the service: the rows of the table that a run prints."""

from enum import StrEnum


class Row(StrEnum):
    """One feature, as the table names it."""

    DISCOVERY = "discovery, short names"
    LIST = "get/list, selectors"
    TABLE = "table, wide, -A, sort-by, labels"
    PAGING = "paging"
    CREATE = "create, generateName, dry-run"
    CLIENT_APPLY = "apply client-side, diff, edit, replace, prune"
    SERVER_APPLY = "apply server-side, migration, conflicts"
    PATCH = "merge / json patch, label, annotate"
    STRATEGIC = "strategic patch"
    STATUS = "status subresource"
    SCALE = "scale"
    WATCH = "watch, table watch, names, events"
    WATCH_LIST = "watch list"
    TOO_OLD = "410 recovery"
    CLOSED = "server closes the watch"
    WAIT = "wait condition/jsonpath/delete/create"
    DELETE = "delete, finalizers, cascade"
    EVENTS = "describe, events, get events"
    EXPLAIN = "explain"
    ACCESS = "auth can-i / --list / whoami"
    VALIDATION = "strict/warn validation, 422 causes"
    PLAIN_TOKEN = "token over http"
