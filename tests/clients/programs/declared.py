"""What the programs declare, and the names that they use for it."""

from typing import Any

GROUP, VERSION, PLURAL, KIND = "lab.neuroglia.com", "v1", "labinstances", "LabInstance"
NAMESPACE = "default"
DURATION = {"spec": {"duration": "90m"}}
LONGER = {"spec": {"duration": "2h"}}
ONE, FIVE = {"spec": {"replicas": 1}}, {"spec": {"replicas": 5}}
HELD = ["example.com/hold"]


def lab(name: str, **metadata: Any) -> dict[str, Any]:
    """A lab as people declare it."""
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": KIND,
        "metadata": {"name": name, "namespace": NAMESPACE, **metadata},
        "spec": {"template": "static", "duration": "60m", "studentEmail": "student@example.com"},
    }
