"""How long a pod may take to end: Kubernetes' ``podStrategy.CheckGracefulDelete``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.builtin.pods import phases

if TYPE_CHECKING:
    from protocube_server.kinds.named.grace import Grace


def pod(message: Any, asked: int | None) -> int:
    """Return the seconds that a pod's containers get: none where none of them runs."""
    if not message.spec.node_name or message.status.phase in phases.ENDED:
        return 0
    seconds = message.spec.termination_grace_period_seconds if asked is None else asked
    return 1 if seconds < 0 else int(seconds)


BY_NAME: dict[str, Grace] = {"pod": pod}
"""What the option ``grace`` of a resource can name."""
