"""``cubectl rollout pause``."""

from __future__ import annotations

from typing import Any

from protocube_client.cli.commands.rollout import changing
from protocube_client.cli.failures import CommandError


def _change(kind: str, message: Any) -> dict[str, Any]:
    if kind != "Deployment":
        raise CommandError("pausing is not supported")
    if message.spec.paused:
        raise CommandError("is already paused")
    return {"spec": {"paused": True}}


COMMAND = changing.command(
    "pause",
    "paused",
    _change,
    text="Pause Deployments: what is changed in them waits until they are resumed.",
    examples="""
# Make several changes one rollout
cubectl rollout pause deployment/web
""",
)
