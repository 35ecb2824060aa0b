"""``cubectl config get-contexts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError, UsageError
from protocube_client.cli.flags.pflag import Flag, Switch
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.app import App
    from protocube_client.cli.settings.config import Config

_HEADINGS = ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]


@click.pass_obj
def _get_contexts(app: App, *, output: str, no_headers: bool, arguments: tuple[str, ...]) -> None:
    if output not in ("", "name"):
        raise CommandError(
            f"--output {output} is not available in cubectl config get-contexts; "
            "resetting to default output format"
        )
    found = config.load(config_path.of(app.given, app.environ))
    names = sorted({context.name for context in found.contexts})
    if arguments:
        names = sorted(name for name in arguments if found.find(name))
    if output == "name":
        app.streams.out.writelines(f"{name}\n" for name in names)
    else:
        app.streams.out.writelines(_table(found, names, headers=not no_headers))
    missing = [f"context {name} not found" for name in arguments if not found.find(name)]
    if len(missing) == 1:
        raise CommandError(missing[0])
    if missing:
        raise UsageError(*missing)


def _table(found: Config, names: Sequence[str], *, headers: bool) -> list[str]:
    from protocube_client.printers.grid import Grid

    rows: list[Sequence[str]] = [_HEADINGS] if headers else []
    for name in names:
        context = found.find(name)
        if context is not None:
            current = "*" if name == found.current else " "
            where = context.cluster or context.server
            rows.append([current, name, where, context.user, context.namespace])
    return list(Grid().lines(rows))


COMMAND = Command(
    "get-contexts",
    callback=_get_contexts,
    usage="[NAME...] [flags]",
    help="Show the contexts of the config file; a star marks the current one.",
    completes=("contexts",),
    examples="""
# Show all contexts
cubectl config get-contexts

# Show their names only
cubectl config get-contexts -o name
""",
    params=[
        Flag(["-o", "--output"], default="", metavar="FORMAT", help="name.", values=("name",)),
        Switch(["--no-headers"], help="Leave the headings out."),
    ],
)
