"""The kubeconfig of this service: what kubectl and its relatives need to find and trust it."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import yaml

from infrastructure.data_directory.private_files import write_private
from infrastructure.unusable import Unusable

CONTEXT = "lab-resource-manager"
"""The name of the cluster, the user and the context; the same for ever, so merging repeats."""

_FILE = "kubeconfig"
_LISTS = ("clusters", "users", "contexts")


class UnusableKubeconfig(Unusable):
    """A kubeconfig is missing or is none; the message is one line without its content."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} {reason}")


def write_kubeconfig(data_dir: Path, *, address: str, token: str, authority: str) -> None:
    """Write the file anew, readable for its owner only. Without an `authority` clients trust
    whom their machine trusts. Raises OSError."""
    cluster = {"server": address}
    if authority:
        cluster["certificate-authority-data"] = b64encode(authority.encode()).decode()
    context = {"cluster": CONTEXT, "user": CONTEXT, "namespace": "default"}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": CONTEXT, "user": {"token": token}}],
        "contexts": [{"name": CONTEXT, "context": context}],
        "current-context": CONTEXT,
    }
    write_private(data_dir / _FILE, yaml.safe_dump(document, sort_keys=False))


def read_kubeconfig(data_dir: Path) -> str:
    """What `write_kubeconfig` wrote. Raises UnusableKubeconfig, OSError."""
    path = data_dir / _FILE
    if not path.exists():
        raise UnusableKubeconfig(path, "is not there yet; it is made when the service starts")
    return path.read_text(encoding="utf-8")


def merge_kubeconfig(data_dir: Path, target: Path) -> str:
    """Put this service's entries into `target`, which may be absent, beside those of others.
    Returns the context in use afterwards: the one that was, or else this service's.
    Raises UnusableKubeconfig, OSError."""
    ours = yaml.safe_load(read_kubeconfig(data_dir))
    target = target.resolve()
    merged = _existing(target)
    for name in _LISTS:
        others = [item for item in merged.get(name) or [] if item.get("name") != CONTEXT]
        merged[name] = [*others, *ours[name]]
    merged["current-context"] = merged.get("current-context") or CONTEXT
    target.parent.mkdir(parents=True, exist_ok=True)
    write_private(target, yaml.safe_dump(merged, sort_keys=False))
    return str(merged["current-context"])


def _existing(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        document = yaml.safe_load(text) or {"apiVersion": "v1", "kind": "Config"}
    except (yaml.YAMLError, UnicodeDecodeError):
        raise UnusableKubeconfig(path, "is not YAML and was left as it is") from None
    if not _is_kubeconfig(document):
        raise UnusableKubeconfig(path, "is no kubeconfig and was left as it is")
    return dict(document)


def _is_kubeconfig(document: Any) -> bool:
    if not isinstance(document, dict) or document.get("kind", "Config") != "Config":
        return False
    lists = [document.get(name) or [] for name in _LISTS]
    return all(isinstance(items, list) and all(map(_is_entry, items)) for items in lists)


def _is_entry(item: Any) -> bool:
    return isinstance(item, dict) and "name" in item
