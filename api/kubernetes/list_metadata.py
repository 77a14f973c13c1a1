"""The metadata of lists and of bookmarks."""

from collections.abc import Mapping

import msgspec


class ListMetadata(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """Kubernetes' ListMeta. `continue_` is sent as `continue`."""

    resource_version: str
    continue_: str | None = msgspec.field(name="continue", default=None)
    remaining_item_count: int | None = None


class BookmarkMetadata(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """How far a watch has come."""

    resource_version: str
    annotations: Mapping[str, str] | None = None
