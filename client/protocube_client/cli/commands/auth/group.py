"""``cubectl auth``, the group."""

from __future__ import annotations

from protocube_client.cli.command import Group, Table

_HERE = "protocube_client.cli.commands.auth"
_COMMANDS: Table = {
    "can-i": (f"{_HERE}.can_i", "Tell whether something may be done"),
    "namespaces": (f"{_HERE}.namespaces", "Tell in which namespaces something may be done"),
    "reconcile": (f"{_HERE}.reconcile", "Add what roles and bindings of a file allow"),
    "whoami": (f"{_HERE}.whoami", "Tell who the server takes the caller for"),
    "why": (f"{_HERE}.why", "Tell why something may be done, or what is missing"),
}

COMMAND = Group(
    "auth",
    table=_COMMANDS,
    help="Tell who may do what, and work on roles.",
    examples="""
# May I list pods in the namespace dev, and if not, why?
cubectl auth can-i list pods -n dev
cubectl auth why list pods -n dev

# Add what the roles and bindings in a file allow
cubectl auth reconcile -f roles.yaml
""",
)
