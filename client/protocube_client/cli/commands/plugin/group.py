"""``cubectl plugin``, the group."""

from __future__ import annotations

from protocube_client.cli.command import Group, Table

_COMMANDS: Table = {
    "list": ("protocube_client.cli.commands.plugin.list", "Show the plugins on PATH"),
}

COMMAND = Group(
    "plugin",
    table=_COMMANDS,
    help=(
        "Show plugins: programs on PATH whose names begin with cubectl-. "
        "`cubectl foo bar` runs cubectl-foo-bar, or cubectl-foo with the argument bar."
    ),
    examples="""
# Show the plugins
cubectl plugin list
""",
)
