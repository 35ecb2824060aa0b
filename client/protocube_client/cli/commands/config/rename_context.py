"""``cubectl config rename-context``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing
from protocube_client.cli.failures import CommandError, misuse
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_OLD_AND_NEW = 2


@click.pass_obj
def _rename_context(app: App, *, arguments: tuple[str, ...]) -> None:
    if len(arguments) != _OLD_AND_NEW:
        raise misuse(f"Unexpected args: [{' '.join(arguments)}]", "cubectl config rename-context")
    old, new = arguments
    if not new:
        raise CommandError("You must specify a new non-empty context name")
    file = config_path.of(app.given, app.environ)
    found = config.load(file)
    if found.find(old) is None:
        raise CommandError(f"cannot rename the context {quote(old)}, it's not in {file}")
    if found.find(new) is not None:
        raise CommandError(
            f"cannot rename the context {quote(old)}, "
            f"the context {quote(new)} already exists in {file}"
        )
    data = editing.with_entry(found.data, "contexts", old, {"name": new})
    if found.current == old:
        data["current-context"] = new
    editing.save(file, data)
    app.streams.out.write(f"Context {quote(old)} renamed to {quote(new)}.\n")


COMMAND = Command(
    "rename-context",
    callback=_rename_context,
    usage="NAME NEW_NAME",
    help="Give a context another name. The current context stays current.",
    completes=("contexts",),
    examples="""
# Give a context another name
cubectl config rename-context dev staging
""",
    params=[],
)
