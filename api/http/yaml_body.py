"""YAML as the JSON that says the same: written down event by event, so that size, depth and
number of values are known before anything is made of them, and a name said twice stays so."""

from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from api.http.refusals import BadRequest

_LARGEST = 256 * 1024
_DEEPEST = 64
_MOST_VALUES = 20_000
_LONGEST_NUMBER = 64
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_KEY_TYPES = (str, int)


class _Loader(yaml.CSafeLoader):
    """Reads dates as the text they are, as JSON would have them."""

    yaml_implicit_resolvers = {  # noqa: RUF012  PyYAML's own way to configure a loader
        first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def json_of_yaml(body: bytes) -> bytes:
    """The JSON; empty when the document is. Raises BadRequest: for what is no YAML, for what
    JSON cannot express, for aliases, and for more than 256 KiB, 64 levels or 20,000 values."""
    if len(body) > _LARGEST:
        raise BadRequest(f"a YAML body may have at most {_LARGEST} bytes")
    try:
        loader = _Loader(body)
        try:
            return b"".join(_Writer(loader).parts())
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise BadRequest(f"the body of the request is not valid YAML{where}") from None
    except (ValueError, TypeError, OverflowError, RecursionError):
        message = "the body of the request holds YAML that JSON cannot express"
        raise BadRequest(message) from None


class _Writer:
    """Goes through the events of one document. On the way, of each collection that is open:
    whether it is a mapping, and how many of its keys and values have been written."""

    def __init__(self, loader: _Loader) -> None:
        self._loader = loader
        self._open: list[tuple[bool, int]] = []
        self._values = 0

    def parts(self) -> Iterator[bytes]:
        """The JSON, in pieces."""
        documents = 0
        while self._loader.check_event():
            event = self._loader.get_event()
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise BadRequest("the body of the request holds several YAML documents")
            elif isinstance(event, yaml.AliasEvent):
                raise BadRequest("YAML aliases are not accepted")
            elif isinstance(event, yaml.CollectionEndEvent):
                yield b"}" if self._open.pop()[0] else b"]"
            elif isinstance(event, yaml.ScalarEvent):
                yield from self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                yield from self._collection(event)

    def _collection(self, event: Any) -> Iterator[bytes]:
        mapping = isinstance(event, yaml.MappingStartEvent)
        before, is_key = self._before()
        plain = event.tag is None or event.tag in (
            "tag:yaml.org,2002:map",
            "tag:yaml.org,2002:seq",
        )
        if is_key or not plain:
            raise ValueError(event)
        if len(self._open) == _DEEPEST:
            raise BadRequest("the body of the request is nested too deeply")
        self._open.append((mapping, 0))
        yield before + (b"{" if mapping else b"[")

    def _scalar(self, event: Any) -> Iterator[bytes]:
        before, is_key = self._before()
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]  # PyYAML's
        if is_key and tag == "tag:yaml.org,2002:merge":
            raise BadRequest("YAML merge keys are not accepted")
        if tag in _NUMBERS and len(event.value) > _LONGEST_NUMBER:
            raise ValueError(
                tag
            )  # YAML counts in sixties too, which takes the square of the length
        try:
            value = self._loader.construct_object(yaml.ScalarNode(tag, event.value))
        except (AttributeError, LookupError) as error:  # what PyYAML makes of a tag that is wrong
            raise ValueError(tag) from error
        if not is_key:
            written = msgspec.json.encode(value)
            if not self._open and value is None:
                written = b""
            yield before + written
        elif isinstance(value, _KEY_TYPES) and not isinstance(value, bool):
            yield before + msgspec.json.encode(str(value))
        else:
            raise ValueError(value)

    def _before(self) -> tuple[bytes, bool]:
        """What JSON has before the next key or value, and whether it is a key."""
        self._values += 1
        if self._values > _MOST_VALUES:
            raise BadRequest(f"a YAML body may have at most {_MOST_VALUES} keys and values")
        if not self._open:
            return b"", False
        mapping, written = self._open[-1]
        self._open[-1] = mapping, written + 1
        if mapping and written % 2:
            return b":", False
        return (b"," if written else b""), mapping
