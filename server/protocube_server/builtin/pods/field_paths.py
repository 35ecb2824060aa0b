"""Which fields of a pod an environment variable can be taken from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_ENTRY = re.compile(r"metadata[.](annotations|labels)\['.+'\]")
_SUPPORTED = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
_KNOWN = frozenset(
    (
        "metadata.annotations",
        "metadata.labels",
        "spec.hostNetwork",
        "spec.restartPolicy",
        "spec.schedulerName",
        "status.nominatedNodeName",
        "status.phase",
    )
)
"""Fields that a selector knows and a variable cannot have."""


def _env_field_path(source: Any) -> Iterator[Fault]:
    """A path that does not exist is invalid, one that cannot be had here is not supported."""
    path = source.field_ref.field_path if source.HasField("field_ref") else ""
    if not path or path in _SUPPORTED or _ENTRY.fullmatch(path):
        return
    if path in _KNOWN:
        choices = ", ".join(f'"{choice}"' for choice in _SUPPORTED)
        text = f".fieldRef.fieldPath: supported values: {choices}"
        yield Fault(rule="unsupported.field_path", text=text)
    else:
        detail = f"error converting fieldPath: field label not supported: {path}"
        yield Fault(rule="invalid.field_path", text=f".fieldRef.fieldPath: {detail}")


BY_NAME: dict[str, MessageRule] = {"env_field_path": _env_field_path}
