"""What an apply warns of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protocube_client.resource.info import Info


def of_deletion(info: Info) -> tuple[str, ...]:
    """Return the warning that an object is changed on its way out; nothing when it is not."""
    message: Any = info.object
    if not message.metadata.HasField("deletion_timestamp"):
        return ()
    return (f"Detected changes to resource {info.name} which is currently being deleted.",)
