"""``cubectl set``, the group."""

from __future__ import annotations

from protocube_client.cli.command import Group, Table

_HERE = "protocube_client.cli.commands.set"
_COMMANDS: Table = {
    "env": (f"{_HERE}.env", "Variables of containers"),
    "image": (f"{_HERE}.image", "Images of containers"),
    "resources": (f"{_HERE}.resources", "What containers request, and their limits"),
    "selector": (f"{_HERE}.selector", "The labels that a Service selects"),
    "serviceaccount": (f"{_HERE}.service_account", "The service account of pods"),
    "subject": (f"{_HERE}.subject", "Whom a role is bound to"),
}

COMMAND = Group(
    "set",
    table=_COMMANDS,
    aliases={"sa": "serviceaccount"},
    help="Change certain fields of objects that exist.",
    examples="""
# Roll out another image
cubectl set image deployment/web web=nginx:2

# Show the variables of all containers
cubectl set env deployment/web --list
""",
)
