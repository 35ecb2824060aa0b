"""``cubectl auth``, the group."""

from __future__ import annotations

from protocube_client.cli.command import Group, Table

_COMMANDS: Table = {
    "reconcile": (
        "protocube_client.cli.commands.auth.reconcile",
        "Add what roles and bindings of a file allow",
    ),
}
_NO_REVIEWS = "the server answers no questions about users and rights yet"
_REFUSED = {"can-i": _NO_REVIEWS, "whoami": _NO_REVIEWS}

COMMAND = Group(
    "auth",
    table=_COMMANDS,
    refused=_REFUSED,
    help="Work on roles and on who has them.",
    examples="""
# Add what the roles and bindings in a file allow
cubectl auth reconcile -f roles.yaml
""",
)
