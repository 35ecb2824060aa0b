"""``cubectl config delete-user``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing
from protocube_client.cli.failures import misuse

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _delete_user(app: App, *, arguments: tuple[str, ...]) -> None:
    if len(arguments) != 1:
        raise misuse("user to delete is required", "cubectl config delete-user")
    editing.delete(app, "users", "user", arguments[0])


COMMAND = Command(
    "delete-user",
    callback=_delete_user,
    usage="NAME",
    help="Take a user out of the config file. Contexts that name it stay.",
    completes=("users",),
    examples="""
# Take a user out
cubectl config delete-user ada
""",
    params=[],
)
