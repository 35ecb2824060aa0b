"""``cubectl certificate``, the group."""

from __future__ import annotations

from protocube_client.cli.command import Group, Table

_HERE = "protocube_client.cli.commands.certificate"
_COMMANDS: Table = {
    "approve": (f"{_HERE}.approve", "Say that certificates may be given out"),
    "deny": (f"{_HERE}.deny", "Say that certificates must not be given out"),
}

COMMAND = Group(
    "certificate",
    table=_COMMANDS,
    help_is_enough=True,
    help="Decide on certificates that are asked for.",
    examples="""
# Approve a CertificateSigningRequest
cubectl certificate approve ada
""",
)
