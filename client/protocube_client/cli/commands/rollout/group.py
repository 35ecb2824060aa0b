"""``cubectl rollout``, the group."""

from __future__ import annotations

from protocube_client.cli.command import Group, Table

_HERE = "protocube_client.cli.commands.rollout"
_COMMANDS: Table = {
    "history": (f"{_HERE}.history", "Show the revisions of a workload"),
    "pause": (f"{_HERE}.pause", "Let changes of a Deployment wait"),
    "restart": (f"{_HERE}.restart", "Replace all pods of a workload"),
    "resume": (f"{_HERE}.resume", "Let changes of a paused Deployment go on"),
    "status": (f"{_HERE}.status", "Follow a rollout until it is done"),
    "undo": (f"{_HERE}.undo", "Go back to an earlier revision"),
}

COMMAND = Group(
    "rollout",
    table=_COMMANDS,
    help="Follow and direct how Deployments, StatefulSets and DaemonSets bring new pods in place "
    "of old ones.",
    examples="""
# Follow a rollout until it is done
cubectl rollout status deployment/web

# Go back to the revision before
cubectl rollout undo deployment/web
""",
)
