"""``cubectl config set``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing, properties
from protocube_client.cli.failures import CommandError, misuse
from protocube_client.cli.flags.pflag import FALSE, Unsupported
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_NAME_AND_VALUE = 2


@click.pass_obj
def _set(app: App, *, arguments: tuple[str, ...]) -> None:
    if len(arguments) != _NAME_AND_VALUE:
        raise misuse(f"Unexpected args: [{' '.join(arguments)}]", "cubectl config set")
    text, value = arguments
    if not value:
        raise CommandError("you cannot use set to unset a property")
    found = properties.parse(text)
    file = config_path.of(app.given, app.environ)
    data = config.load(file).data
    if not found.list:
        data = {**data, properties.CURRENT: value}
    elif found.key:
        changes = {found.key: found.value(value)}
        data = editing.with_entry(data, found.list, found.name, changes)
    else:
        raise CommandError(f"{quote(text)} is more than one value: name a property of it")
    editing.save(file, data)
    app.streams.out.write(f"Property {quote(text)} set.\n")


COMMAND = Command(
    "set",
    callback=_set,
    usage="PROPERTY VALUE",
    help=(
        "Set one value in the config file. A property is current-context, or LIST.NAME.PROPERTY "
        "with clusters, contexts or users as the list."
    ),
    examples="""
# Name another server
cubectl config set clusters.local.server 127.0.0.1:7443

# Work in another namespace
cubectl config set contexts.dev.namespace team-b
""",
    params=[Unsupported("--set-raw-bytes", "no property is binary", harmless=FALSE)],
)
