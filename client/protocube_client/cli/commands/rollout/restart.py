"""``cubectl rollout restart``."""

from __future__ import annotations

from typing import Any

from protocube_client.cli.commands.rollout import changing
from protocube_client.cli.failures import CommandError

_ANNOTATION = "kubectl.kubernetes.io/restartedAt"
_KINDS = frozenset({"DaemonSet", "Deployment", "StatefulSet"})


def _change(kind: str, message: Any) -> dict[str, Any]:
    if kind not in _KINDS:
        raise CommandError("restarting is not supported")
    if kind == "Deployment" and message.spec.paused:
        raise CommandError("can't restart paused deployment (run rollout resume first)")
    now = _now()
    if message.spec.template.metadata.annotations.get(_ANNOTATION) == now:
        return {}
    return {"spec": {"template": {"metadata": {"annotations": {_ANNOTATION: now}}}}}


def _now() -> str:
    """Return the local time in the form of RFC 3339, to the second."""
    from datetime import datetime

    text = datetime.now().astimezone().isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


COMMAND = changing.command(
    "restart",
    "restarted",
    _change,
    text="Restart workloads: an annotation in their pod template changes, so all pods are "
    "replaced by new ones, as in any rollout.",
    examples="""
# Restart a Deployment
cubectl rollout restart deployment/web

# Restart all Deployments of a namespace
cubectl rollout restart deployment -n team-a

# Restart those with a label
cubectl rollout restart deployment -l app=web
""",
)
