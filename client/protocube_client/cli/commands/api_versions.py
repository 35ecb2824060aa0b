"""``cubectl api-versions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import misuse

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session


async def _run(session: Session) -> None:
    """Ask the server for its kinds and print the versions of their groups."""
    from protocube_client.cli import served

    found = {
        f"{item.group}/{item.version}" if item.group else item.version
        for item in await served.resources(session)
    }
    session.streams.out.writelines(f"{version}\n" for version in sorted(found))


@click.pass_obj
def _api_versions(app: App, *, arguments: tuple[str, ...]) -> None:
    if arguments:
        raise misuse(f"unexpected arguments: [{' '.join(arguments)}]", "cubectl api-versions")
    app.run(app.settings(), _run)


COMMAND = Command(
    "api-versions",
    callback=_api_versions,
    help="Show the versions of groups that the server serves, as manifests name them.",
    examples="""
# Show what apiVersion can be
cubectl api-versions
""",
    params=[],
)
