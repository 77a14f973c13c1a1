"""The CustomResourceDefinition of labs, from the models that validate and print them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from api.kubernetes.kinds import DEFINITIONS, LAB_INSTANCES
from api.kubernetes.tables import Column
from api.kubernetes.timestamp import timestamp
from api.labs.presenter import LabPresenter
from api.labs.schemas import lab_schema

NAME = LAB_INSTANCES.resource
_REQUIRED_METADATA = {"type": "object"}


def lab_definition(since: datetime) -> Mapping[str, Any]:
    """The definition, in force since the time given."""
    names = _names()
    return {
        "kind": DEFINITIONS.kind,
        "apiVersion": DEFINITIONS.api_version,
        "metadata": {
            "name": NAME,
            "uid": str(uuid5(NAMESPACE_DNS, NAME)),
            "resourceVersion": "1",
            "generation": 1,
            "creationTimestamp": timestamp(since),
        },
        "spec": {
            "group": LAB_INSTANCES.group,
            "names": names,
            "scope": "Namespaced",
            "versions": [_version()],
            "conversion": {"strategy": "None"},
        },
        "status": {
            "acceptedNames": names,
            "conditions": [
                _condition("NamesAccepted", "NoConflicts", "no conflicts found", since),
                _condition("Established", "InitialNamesAccepted", "it is served", since),
            ],
            "storedVersions": [LAB_INSTANCES.version],
        },
    }


def _names() -> Mapping[str, Any]:
    return {
        "plural": LAB_INSTANCES.plural,
        "singular": LAB_INSTANCES.singular,
        "kind": LAB_INSTANCES.kind,
        "listKind": f"{LAB_INSTANCES.kind}List",
        "shortNames": LAB_INSTANCES.short_names,
        "categories": LAB_INSTANCES.categories,
    }


def _version() -> Mapping[str, Any]:
    return {
        "name": LAB_INSTANCES.version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": lab_schema(_REQUIRED_METADATA)},
        "subresources": {"status": {}},
        "additionalPrinterColumns": _columns(LabPresenter.columns),
    }


def _columns(columns: Sequence[Column]) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "name": column.name,
            "type": "date" if column.path.endswith(("At", "Timestamp")) else column.type,
            "description": column.description,
            "jsonPath": column.path,
            **({"priority": 1} if column.wide else {}),
        }
        for column in columns
        if column.path
    ]


def _condition(kind: str, reason: str, message: str, since: datetime) -> Mapping[str, str]:
    return {
        "type": kind,
        "status": "True",
        "reason": reason,
        "message": message,
        "lastTransitionTime": timestamp(since),
    }
