"""What a PersistentVolume is a volume of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule


def _volume_source(spec: Any) -> Iterator[Fault]:
    """A PersistentVolume names what it is a volume of."""
    if spec.WhichOneof("source") is None:
        yield Fault(rule="required.source", text="must specify a volume type")


BY_NAME: dict[str, MessageRule] = {"volume_source": _volume_source}
