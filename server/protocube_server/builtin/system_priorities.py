"""The names of classes of priority that are the system's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_VALUES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
_RESERVED = (
    ".metadata.name: priority class names with 'system-' prefix are reserved for system use "
    "only. error: "
)


def _system_priority(priority: Any) -> Iterator[Fault]:
    """A name of the system's has the system's value and is no default."""
    name = priority.metadata.name
    if not name.startswith("system-"):
        return
    detail = ""
    if name not in _VALUES:
        detail = f"{name} is not a known system priority class"
    elif priority.value != _VALUES[name]:
        detail = f"value of {name} PriorityClass must be {_VALUES[name]}"
    elif priority.global_default:
        detail = f"globalDefault of {name} PriorityClass must be false"
    if detail:
        yield Fault(rule="forbidden.name", text=_RESERVED + detail)


BY_NAME: dict[str, MessageRule] = {"system_priority": _system_priority}
