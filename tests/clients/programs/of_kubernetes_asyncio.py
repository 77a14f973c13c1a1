"""What the asyncio client does. It writes `True` with a capital letter, and patches in JSON."""

import asyncio
from http import HTTPStatus
from typing import Any

from kubernetes_asyncio import client as kubernetes
from kubernetes_asyncio import config, dynamic, watch
from kubernetes_asyncio.client.exceptions import ApiException

from tests.clients.programs.declared import DURATION, GROUP, KIND, NAMESPACE, PLURAL, VERSION, lab
from tests.clients.programs.telling import tell
from tests.clients.rows import Row

PLACE = (GROUP, VERSION, NAMESPACE, PLURAL)
MERGE = "application/merge-patch+json"


async def discovers(api: Any) -> None:
    """Finds the kind."""
    async with dynamic.DynamicClient(api) as client:
        found = await client.resources.get(api_version=f"{GROUP}/{VERSION}", kind=KIND)
        assert (found.name, found.namespaced) == (PLURAL, True)


async def lists(api: Any) -> None:
    """Lists with selectors."""
    objects = kubernetes.CustomObjectsApi(api)
    declared = lab("asyncio-list", labels={"of": "asyncio"})
    await objects.create_namespaced_custom_object(*PLACE, declared)
    for selection in (
        {"label_selector": "of=asyncio"},
        {"field_selector": "metadata.name=asyncio-list"},
    ):
        told = await objects.list_namespaced_custom_object(*PLACE, **selection)
        assert [item["metadata"]["name"] for item in told["items"]] == ["asyncio-list"]


async def creates(api: Any) -> None:
    """Creates with a name of the service's choice, and dry."""
    objects = kubernetes.CustomObjectsApi(api)
    declared = lab("", generateName="asyncio-any-")
    del declared["metadata"]["name"]
    made = await objects.create_namespaced_custom_object(*PLACE, declared)
    assert made["metadata"]["name"].startswith("asyncio-any-")
    await objects.create_namespaced_custom_object(*PLACE, lab("asyncio-dry"), dry_run="All")
    told = await objects.list_namespaced_custom_object(
        *PLACE, field_selector="metadata.name=asyncio-dry"
    )
    assert told["items"] == []


async def patches(api: Any) -> None:
    """Patches in both ways."""
    objects = kubernetes.CustomObjectsApi(api)
    await objects.create_namespaced_custom_object(*PLACE, lab("asyncio-patched"))
    patch = objects.patch_namespaced_custom_object
    told = await patch(*PLACE, "asyncio-patched", DURATION, _content_type=MERGE)
    assert told["spec"]["duration"] == "90m"
    change = [{"op": "replace", "path": "/spec/duration", "value": "2h"}]
    assert (await patch(*PLACE, "asyncio-patched", change))["spec"]["duration"] == "2h"


async def patches_by_default(api: Any) -> str:
    """Sends an object as a JSON patch, which is a list."""
    objects = kubernetes.CustomObjectsApi(api)
    try:
        await objects.patch_namespaced_custom_object(*PLACE, "asyncio-patched", DURATION)
    except ApiException as error:
        return f"JSON: {error.status}"
    return ""


async def watches(api: Any) -> None:
    """Sees what happens, in order."""
    objects = kubernetes.CustomObjectsApi(api)
    await objects.create_namespaced_custom_object(*PLACE, lab("asyncio-watched"))
    seen: list[str] = []
    async with watch.Watch() as watcher:
        stream = watcher.stream(
            objects.list_namespaced_custom_object,
            *PLACE,
            field_selector="metadata.name=asyncio-watched",
            timeout_seconds=10,
        )
        async for event in stream:
            seen.append(event["type"])
            if len(seen) == 1:
                await objects.delete_namespaced_custom_object(*PLACE, "asyncio-watched")
            if event["type"] == "DELETED":
                break
    assert (seen[0], seen[-1], "MODIFIED" in seen) == ("ADDED", "DELETED", True)


async def deletes(api: Any) -> None:
    """Deletes, and may do it again."""
    objects = kubernetes.CustomObjectsApi(api)
    await objects.create_namespaced_custom_object(*PLACE, lab("asyncio-deleted"))
    delete = objects.delete_namespaced_custom_object
    await delete(*PLACE, "asyncio-deleted", body=kubernetes.V1DeleteOptions())
    for _ in range(200):
        try:
            await delete(*PLACE, "asyncio-deleted")
        except ApiException as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


CHECKS = {
    Row.DISCOVERY: discovers,
    Row.LIST: lists,
    Row.CREATE: creates,
    Row.PATCH: patches,
    Row.STRATEGIC: patches_by_default,
    Row.WATCH: watches,
    Row.DELETE: deletes,
}


async def main() -> None:
    """Do all of it with one client."""
    await config.load_kube_config()
    async with kubernetes.ApiClient() as api:
        await tell(CHECKS, api)


if __name__ == "__main__":
    asyncio.run(main())
