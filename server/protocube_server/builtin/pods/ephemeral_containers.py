"""What a container that joins a running pod cannot have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_CANNOT_BE_SET = "cannot be set for an Ephemeral Container"
_NEVER_SET = (
    ("ports", _CANNOT_BE_SET),
    ("resources", _CANNOT_BE_SET),
    ("resize_policy", _CANNOT_BE_SET),
    ("restart_policy", "may not be set for non-init containers"),
    ("restart_policy_rules", _CANNOT_BE_SET),
    ("liveness_probe", _CANNOT_BE_SET),
    ("readiness_probe", _CANNOT_BE_SET),
    ("startup_probe", _CANNOT_BE_SET),
    ("lifecycle", _CANNOT_BE_SET),
)


def _ephemeral_container(container: Any) -> Iterator[Fault]:
    """Name the first field that is set and may not be."""
    given = {field.name: field.json_name for field, _ in container.ListFields()}
    for name, detail in _NEVER_SET:
        if name in given:
            yield Fault(rule="forbidden.ephemeral", text=f".{given[name]}: {detail}")
            return


BY_NAME: dict[str, MessageRule] = {"ephemeral_container": _ephemeral_container}
