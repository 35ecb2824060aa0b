"""``cubectl config get-users``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _get_users(app: App, *, arguments: tuple[str, ...]) -> None:  # noqa: ARG001  # as kubectl
    found = config.load(config_path.of(app.given, app.environ))
    names = sorted({user.name for user in found.users})
    app.streams.out.writelines(f"{name}\n" for name in ("NAME", *names))


COMMAND = Command(
    "get-users",
    callback=_get_users,
    help="Show the names of the users: the certificates that contexts may show to servers.",
    examples="""
# Show the users
cubectl config get-users
""",
    params=[],
)
