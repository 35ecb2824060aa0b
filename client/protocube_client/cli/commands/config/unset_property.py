"""``cubectl config unset``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing, properties
from protocube_client.cli.failures import CommandError
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.config.properties import Property


@click.pass_obj
def _unset(app: App, *, arguments: tuple[str, ...]) -> None:
    text = editing.one_name(arguments, "unset")
    file = config_path.of(app.given, app.environ)
    editing.save(file, _without(config.load(file).data, properties.parse(text)))
    app.streams.out.write(f"Property {quote(text)} unset.\n")


def _without(data: dict[str, Any], found: Property) -> dict[str, Any]:
    if not found.list:
        return {key: value for key, value in data.items() if key != properties.CURRENT}
    entries = data.get(found.list) or []
    if not found.name:
        return {**data, found.list: []}
    if not found.key:
        return {**data, found.list: [entry for entry in entries if entry["name"] != found.name]}
    if not any(entry["name"] == found.name for entry in entries):
        raise CommandError(f"current map key `{found.name}` is invalid")
    return editing.with_entry(data, found.list, found.name, {found.key: ""})


COMMAND = Command(
    "unset",
    callback=_unset,
    usage="PROPERTY",
    help=(
        "Take a value out of the config file. A property is current-context, LIST, LIST.NAME or "
        "LIST.NAME.PROPERTY, with clusters, contexts or users as the list."
    ),
    examples="""
# Have no current context
cubectl config unset current-context

# Take the namespace out of a context
cubectl config unset contexts.dev.namespace
""",
    params=[],
)
