"""``cubectl config set-context``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, Switch
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.settings.config import Config


@click.pass_obj
def _set_context(
    app: App,
    *,
    current: bool,
    cluster: str | None,
    user: str | None,
    arguments: tuple[str, ...],
) -> None:
    given = editing.one_name(arguments, "set-context") if arguments else ""
    file = config_path.of(app.given, app.environ)
    found = config.load(file)
    name = _name(given, found, current=current)
    changes = editing.said(app.given)
    if "namespace" in app.given:
        changes["namespace"] = app.given["namespace"]
    if cluster is not None:
        changes["cluster"] = cluster
    if user is not None:
        changes["user"] = user
    done = "modified" if found.find(name) else "created"
    editing.save(file, editing.with_entry(found.data, "contexts", name, changes))
    app.streams.out.write(f"Context {quote(name)} {done}.\n")


def _name(given: str, found: Config, *, current: bool) -> str:
    if not given and not current:
        raise CommandError("you must specify a non-empty context name or --current")
    if given and current:
        raise CommandError("you cannot specify both a context name and --current")
    if current and not found.current:
        raise CommandError("no current context is set")
    return given or found.current


COMMAND = Command(
    "set-context",
    callback=_set_context,
    usage="(NAME | --current) [--cluster=NAME] [--user=NAME] [--namespace=NAME]",
    help="Add a context to the config file, or change one; what is not given stays.",
    completes=("contexts",),
    examples="""
# Work in another namespace from now on
cubectl config set-context --current --namespace=team-b

# Add a context
cubectl config set-context dev --cluster=local --user=ada --namespace=team-a
""",
    params=[
        Switch(["--current"], help="Change the current context."),
        Flag(["--cluster"], metavar="NAME", help="The context's cluster.", source="clusters"),
        Flag(["--user"], metavar="NAME", help="The context's user.", source="users"),
    ],
)
