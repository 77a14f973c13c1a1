"""The kubeconfig, and its way into another one."""

from pathlib import Path

import pytest
import yaml

from infrastructure.data_directory.kubeconfig import (
    CONTEXT,
    UnusableKubeconfig,
    merge_kubeconfig,
    read_kubeconfig,
    write_kubeconfig,
)

OTHER = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "other", "cluster": {"server": "https://other"}}],
    "users": [{"name": "other", "user": {}}],
    "contexts": [{"name": "other", "context": {"cluster": "other", "user": "other"}}],
    "current-context": "other",
    "preferences": {"colors": True},
}


def test_only_its_owner_can_read_a_kubeconfig(tmp_path: Path) -> None:
    _write(tmp_path, "https://127.0.0.1:8443")
    assert (tmp_path / "kubeconfig").stat().st_mode & 0o777 == 0o600


def test_merging_keeps_what_others_wrote_and_the_context_in_use(tmp_path: Path) -> None:
    _write(tmp_path, "https://127.0.0.1:8443")
    target = tmp_path / "config"
    target.write_text(yaml.safe_dump(OTHER))
    assert merge_kubeconfig(tmp_path, target) == "other"
    merged = yaml.safe_load(target.read_text())
    assert [cluster["name"] for cluster in merged["clusters"]] == ["other", CONTEXT]
    assert merged["preferences"] == OTHER["preferences"]


def test_merging_again_replaces_only_what_was_merged(tmp_path: Path) -> None:
    target = tmp_path / "new" / "config"
    for port in ("8443", "9443"):
        _write(tmp_path, f"https://127.0.0.1:{port}")
        assert merge_kubeconfig(tmp_path, target) == CONTEXT
    merged = yaml.safe_load(target.read_text())
    assert [cluster["cluster"]["server"] for cluster in merged["clusters"]] == [
        "https://127.0.0.1:9443"
    ]
    assert target.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["[1, 2]", "{: {", "kind: Secret", "clusters: [1]", "\x00"])
def test_a_file_that_is_no_kubeconfig_is_left_as_it_is(tmp_path: Path, content: str) -> None:
    _write(tmp_path, "https://127.0.0.1:8443")
    target = tmp_path / "config"
    target.write_text(content)
    with pytest.raises(UnusableKubeconfig):
        merge_kubeconfig(tmp_path, target)
    assert target.read_text() == content


def test_a_data_directory_has_no_kubeconfig_before_the_first_start(tmp_path: Path) -> None:
    with pytest.raises(UnusableKubeconfig, match="when the service starts"):
        read_kubeconfig(tmp_path)


def _write(folder: Path, address: str) -> None:
    write_kubeconfig(folder, address=address, token="a-token", authority="-----BEGIN-----")
