"""Reads one YAML file of bounded size and shape."""

import os
import re
import stat
from pathlib import Path
from typing import Any

import yaml

LARGEST_FILE = 64 * 1024
DEEPEST = 10
MOST_VALUES = 2_000
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # neither programs nor files can be named with them


class UnreadableYaml(ValueError):
    """The file cannot be read, or is no YAML that is accepted; the text says why."""


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses a key that is given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise UnreadableYaml(f"{key.value}: is given more than once")
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """The value in the file, built of plain types. Raises UnreadableYaml."""
    try:
        text = _content(path).decode("utf-8")
        _check_shape(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506  derived from the safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        if isinstance(error, UnreadableYaml):
            raise
        raise UnreadableYaml(f"cannot be read as YAML: {error}") from error


def _content(path: Path) -> bytes:
    # A link is followed, as mounted directories are made of them; a pipe would never end.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UnreadableYaml("is no plain file")
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise UnreadableYaml(f"is longer than {LARGEST_FILE} bytes")
    return content


def _check_shape(text: str) -> None:
    """Bound the work of building the value: what is short can stand for much."""
    depth = values = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableYaml(f"*{event.anchor}: aliases are not accepted, write it out")
        if getattr(event, "tag", None) not in (None, "!", "tag:yaml.org,2002:str"):
            raise UnreadableYaml("tags are not accepted; write the value without")
        if isinstance(event, yaml.ScalarEvent) and _NO_TEXT.search(event.value):
            raise UnreadableYaml("holds characters that no text has: zeros, or halves of others")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        values += isinstance(event, yaml.NodeEvent)
        if depth > DEEPEST or values > MOST_VALUES:
            raise UnreadableYaml(f"holds more than {DEEPEST} levels or {MOST_VALUES} values")
