"""``cubectl rollout resume``."""

from __future__ import annotations

from typing import Any

from protocube_client.cli.commands.rollout import changing
from protocube_client.cli.failures import CommandError


def _change(kind: str, message: Any) -> dict[str, Any]:
    if kind != "Deployment":
        raise CommandError("resuming is not supported")
    if not message.spec.paused:
        raise CommandError("is not paused")
    return {"spec": {"paused": None}}


COMMAND = changing.command(
    "resume",
    "resumed",
    _change,
    text="Resume Deployments that are paused.",
    examples="""
# Let the changes since the pause be rolled out
cubectl rollout resume deployment/web
""",
)
