"""The representations of objects: whole, as Tables, or their metadata only; one by one, in
lists and in watches. What a kind's cells are is the business of its `Presenter`."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from starlette.requests import Request

from api.http.refusals import BadRequest
from api.kubernetes.kinds import Kind
from api.kubernetes.list_metadata import BookmarkMetadata, ListMetadata
from api.kubernetes.moments import clock_at
from api.kubernetes.negotiation import Form, form_of
from api.kubernetes.presenter import Presenter
from api.kubernetes.tables import (
    META_VERSION,
    Row,
    Table,
    TableMetadata,
    definitions,
    metadata_only,
)
from application.ports.clock import Clock

_INITIAL_EVENTS_END: Mapping[str, str] = {"k8s.io/initial-events-end": "true"}

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class Representation(Protocol[T_contra]):
    """Documents to be encoded, in one form."""

    def one(self, item: T_contra) -> Any:
        """A single object."""

    elements: str
    """What a list calls its elements."""

    def element(self, item: T_contra) -> Any:
        """One of a list."""

    def frame(self, metadata: ListMetadata) -> Any:
        """A list but for its elements."""

    def watched(self, item: T_contra) -> Any:
        """The object of a watch event."""

    def bookmark(self, position: int, *, initial_events_end: bool) -> Any:
        """The object of a bookmark."""


def requested_representation(
    request: Request, presenter: Presenter[T], clock: Clock
) -> Representation[T]:
    """The form that the request asks for. Ages in a table of the past are those of then. Raises
    NotAcceptable, BadRequest."""
    match form_of(request):
        case Form.OBJECTS:
            return _Whole(presenter)
        case Form.METADATA:
            return _MetadataOnly(presenter)
        case Form.TABLE:
            query = request.query_params
            include = query.get("includeObject") or "Metadata"
            return _Tables(presenter, include, clock_at(query, clock))


class _Whole(Generic[T]):
    """Objects as they are."""

    elements = "items"

    def __init__(self, presenter: Presenter[T]) -> None:
        self._presenter = presenter

    def one(self, item: T) -> Any:
        return self._presenter.document(item)

    def element(self, item: T) -> Any:
        return self._presenter.document(item)

    def frame(self, metadata: ListMetadata) -> Any:
        kind = self._presenter.kind
        return {
            "kind": f"{kind.kind}List",
            "apiVersion": kind.api_version,
            "metadata": metadata,
        }

    def watched(self, item: T) -> Any:
        return self._presenter.document(item)

    def bookmark(self, position: int, *, initial_events_end: bool) -> Any:
        metadata = _bookmark_metadata(position, initial_events_end=initial_events_end)
        return _bookmark(self._presenter.kind, metadata)


class _MetadataOnly(Generic[T]):
    """Objects without what they are about."""

    elements = "items"

    def __init__(self, presenter: Presenter[T]) -> None:
        self._presenter = presenter

    def one(self, item: T) -> Any:
        return metadata_only(self._presenter.metadata(item))

    def element(self, item: T) -> Any:
        return self.one(item)

    def frame(self, metadata: ListMetadata) -> Any:
        return {
            "kind": "PartialObjectMetadataList",
            "apiVersion": META_VERSION,
            "metadata": metadata,
        }

    def watched(self, item: T) -> Any:
        return self.one(item)

    def bookmark(self, position: int, *, initial_events_end: bool) -> Any:
        return metadata_only(_bookmark_metadata(position, initial_events_end=initial_events_end))


class _Tables(Generic[T]):
    """Objects as rows. In a watch the columns are declared once, in its first event."""

    elements = "rows"

    def __init__(self, presenter: Presenter[T], include: str, clock: Clock) -> None:
        if include not in ("None", "Metadata", "Object"):
            raise BadRequest('includeObject must be "None", "Metadata" or "Object"')
        self._presenter = presenter
        self._include = include
        self._clock = clock
        self._undeclared = definitions(presenter.columns)

    def one(self, item: T) -> Any:
        version = self._presenter.version(item)
        return self._table(TableMetadata(resource_version=version), [self._row(item)])

    def element(self, item: T) -> Any:
        return self._row(item)

    def frame(self, metadata: ListMetadata) -> Any:
        table = TableMetadata(
            resource_version=metadata.resource_version,
            continue_=metadata.continue_,
            remaining_item_count=metadata.remaining_item_count,
        )
        return {
            "kind": "Table",
            "apiVersion": META_VERSION,
            "metadata": table,
            "columnDefinitions": self._undeclared,
        }

    def watched(self, item: T) -> Any:
        return self._table(TableMetadata(), [self._row(item)])

    def bookmark(self, position: int, *, initial_events_end: bool) -> Any:
        metadata = _bookmark_metadata(position, initial_events_end=initial_events_end)
        item: Any = metadata_only(metadata)
        if self._include == "Object":
            item = _bookmark(self._presenter.kind, metadata)
        row = Row(cells=[None] * len(self._presenter.columns), object=item)
        return self._table(TableMetadata(resource_version=str(position)), [row])

    def _row(self, item: T) -> Row:
        return Row(cells=self._presenter.cells(item, self._clock.now()), object=self._object(item))

    def _table(self, metadata: TableMetadata, rows: Sequence[Row]) -> Table:
        columns, self._undeclared = self._undeclared, ()
        return Table(metadata=metadata, column_definitions=columns, rows=rows)

    def _object(self, item: T) -> Any:
        match self._include:
            case "None":
                return None
            case "Object":
                return self._presenter.document(item)
            case _:
                return metadata_only(self._presenter.metadata(item))


def _bookmark(kind: Kind, metadata: BookmarkMetadata) -> Any:
    return {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": metadata}


def _bookmark_metadata(position: int, *, initial_events_end: bool) -> BookmarkMetadata:
    return BookmarkMetadata(
        resource_version=str(position),
        annotations=_INITIAL_EVENTS_END if initial_events_end else None,
    )
