"""``cubectl alpha``, below which there is nothing, as below kubectl's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _alpha(app: App, *, arguments: tuple[str, ...]) -> None:  # noqa: ARG001  # as kubectl's
    app.streams.err.write("No alpha commands are available in this version of cubectl\n")


COMMAND = Command("alpha", callback=_alpha, help="Show that no command is alpha.", params=[])
