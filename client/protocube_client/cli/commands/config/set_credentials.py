"""``cubectl config set-credentials``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing
from protocube_client.cli.failures import CommandError, UsageError
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_PROPERTIES = ("client-certificate", "client-key")


@click.pass_obj
def _set_credentials(app: App, *, arguments: tuple[str, ...]) -> None:
    if len(arguments) != 1:
        raise UsageError(
            f"error: unexpected args: [{' '.join(arguments)}]",
            "See 'cubectl config set-credentials -h' for help and examples",
        )
    name = arguments[0]
    if not name:
        raise CommandError("you must specify a non-empty user name")
    file = config_path.of(app.given, app.environ)
    said = editing.said(app.given)
    changes = {key: said[key] for key in _PROPERTIES if key in said}
    editing.save(file, editing.with_entry(config.load(file).data, "users", name, changes))
    app.streams.out.write(f"User {quote(name)} set.\n")


COMMAND = Command(
    "set-credentials",
    callback=_set_credentials,
    usage="NAME [--client-certificate=FILE] [--client-key=FILE]",
    help=(
        "Add a user to the config file, or change one; what is not given stays. A user is a "
        "certificate that a server asks for, and its key."
    ),
    completes=("users",),
    examples="""
# Add a user, for contexts to name
cubectl config set-credentials ada --client-certificate=ada.crt \\
  --client-key=ada.key

# Let a user have another key
cubectl config set-credentials ada --client-key=new.key
""",
    params=[],
)
