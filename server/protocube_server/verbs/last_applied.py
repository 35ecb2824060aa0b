"""What kubectl's client-side apply has left on an object that kubectl now applies on the server.

The annotation tells what kubectl wanted the object to have. Another owner's field that still has
the value in it is kubectl's own, by another name, and no conflict; and after the apply the
annotation tells what is wanted now. All of that is for the manager ``kubectl`` alone.

Source: ``lastAppliedManager`` and ``lastAppliedUpdater`` of ``k8s.io/apimachinery``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import json_text, json_values
from protocube_server.kinds.ownership import comparing, field_set, sent, typed
from protocube_server.kinds.ownership.conflicts import Conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.steps import Steps
    from protocube_server.kinds.ownership.field_set import FieldSet
    from protocube_server.kinds.ownership.schemas import Schema

MANAGER: Final = "kubectl"
ANNOTATION: Final = "kubectl.kubernetes.io/last-applied-configuration"
_ROOM: Final = 256 * 1024
"""Bytes of all annotations, with their names. An object never fails for this one."""


def remaining(
    schema: Schema, api_version: str, live: Any, conflicts: Sequence[Conflict]
) -> Steps[list[Conflict]]:
    """Return the conflicts with fields whose live values are not those that kubectl applied."""
    allowed = yield from _applied(schema, api_version, live)
    left: list[Conflict] = []
    for conflict in conflicts:
        fields = yield from field_set.difference(conflict.fields, allowed)
        if fields:
            left.append(Conflict(owner=conflict.owner, fields=fields))
    return left


def renewed(data: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Return an object whose annotation, if it has one, tells what ``config`` wants."""
    if not _text(data):
        return data
    metadata = {**data["metadata"]}
    annotations = {key: text for key, text in metadata["annotations"].items() if key != ANNOTATION}
    text = _written(config)
    pairs = (*annotations.items(), (ANNOTATION, text))
    if sum(len(key.encode()) + len(value.encode()) for key, value in pairs) <= _ROOM:
        annotations[ANNOTATION] = text
    metadata["annotations"] = annotations
    return {**data, "metadata": metadata}


def _applied(schema: Schema, api_version: str, live: Any) -> Steps[FieldSet]:
    """Return the fields of the annotation that the live object has as they are there.

    What is no configuration of this version has none.
    """
    text = _text(live)
    try:
        config = json_values.parse(text.strip(), 0).value if text else None
    except (json_values.NotJson, json_values.Refused):
        config = None
    if not isinstance(config, dict) or config.get("apiVersion") != api_version:
        return field_set.EMPTY
    if (yield from typed.fault(schema, config)):
        return field_set.EMPTY
    fields = yield from sent.fields(schema, config)
    return (yield from (yield from comparing.compare(schema, config, live)).left_of(fields))


def _text(data: Any) -> str:
    annotations = data.get("metadata", {}).get("annotations") or {}
    text = annotations.get(ANNOTATION)
    return text if isinstance(text, str) else ""


def _written(config: dict[str, Any]) -> str:
    """Return a configuration as Go writes it, without the annotation itself."""
    metadata = {**config["metadata"]}
    if metadata.get("annotations"):
        given = metadata["annotations"]
        metadata["annotations"] = {key: given[key] for key in given if key != ANNOTATION}
    return json_text.compact({**config, "metadata": metadata}) + "\n"
