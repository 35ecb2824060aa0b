"""``cubectl cluster-info``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command, Table

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session

_COMMANDS: Table = {
    "dump": (
        "protocube_client.cli.commands.cluster_info.dump",
        "Write down all that could explain a fault",
    ),
}


async def _run(session: Session) -> None:
    """Ask the server whether it is there, and say where it is."""
    from protocube_client.cli import served

    server = await served.info(session)
    session.streams.out.write(
        f"Protocube v{server.version} is running at {session.settings.server}, "
        f"with its objects in {server.store}\n\n"
        "To further debug and diagnose cluster problems, use 'cubectl cluster-info dump'.\n"
    )


@click.pass_obj
def _cluster_info(app: App, *, arguments: tuple[str, ...]) -> None:  # noqa: ARG001  # as kubectl's
    app.run(app.settings(), _run)


COMMAND = Command(
    "cluster-info",
    callback=_cluster_info,
    usage="[dump] [flags]",
    help="Show where the server is, and which release of Protocube it runs.",
    table=_COMMANDS,
    examples="""
# Show where the server is
cubectl cluster-info
""",
    params=[],
)
