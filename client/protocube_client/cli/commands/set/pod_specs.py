"""Where an object has the specification of pods, and which of its containers are meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube.catalog import Resource

_POD_SPEC = "protocube.core.v1.PodSpec"
_PATHS = (
    ("spec",),
    ("spec", "template", "spec"),
    ("spec", "jobTemplate", "spec", "template", "spec"),
)


def of_object(resource: Resource, data: dict[str, Any]) -> dict[str, Any]:
    """Return the specification of the pods of an object, a part of ``data``.

    Raises :class:`CommandError` for a kind without pods.
    """
    for path in _PATHS:
        if _type_at(resource.descriptor, path) == _POD_SPEC:
            found = data
            for step in path:
                found = found.setdefault(step, {})
            return found
    raise CommandError(
        "the object is not a pod or does not have a pod template: "
        f"*{resource.version}.{resource.kind}"
    )


def containers(spec: dict[str, Any], names: str) -> list[dict[str, Any]]:
    """Return the containers whose names ``names`` matches, those that come first behind the rest.

    A ``*`` in it stands for anything.
    """
    pattern = re.compile(".*".join(map(re.escape, names.split("*"))))
    every = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    return [container for container in every if pattern.fullmatch(container.get("name", ""))]


def _type_at(descriptor: Any, path: tuple[str, ...]) -> str:
    """Return the name of the message type at a path of JSON names, empty where there is none."""
    for step in path:
        fields = {field.json_name: field for field in descriptor.fields}
        descriptor = fields[step].message_type if step in fields else None
        if descriptor is None:
            return ""
    name: str = descriptor.full_name
    return name
