"""``cubectl version``."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

import protocube
from protocube import machine
from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session
    from protocube_client.cli.streams import Streams


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionOptions:
    """What to show of versions, and how."""

    client_only: bool
    output: str
    arguments: tuple[str, ...]

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if self.arguments:
            raise CommandError(f"extra arguments: [{' '.join(self.arguments)}]")
        if self.output not in ("", "yaml", "json"):
            raise CommandError("--output must be 'yaml' or 'json'")

    def run(self, app: App) -> None:
        """Print the client's version, and the server's unless that is not wanted."""
        report = {"clientVersion": _client()}
        if not self.output:
            app.streams.out.write(f"Client Version: v{protocube.__version__}\n")
        try:
            if not self.client_only:
                app.run(app.settings(), lambda session: self._ask(session, report))
        finally:
            # A server that cannot be reached does not hide the client's version.
            self._print(report, app.streams)

    async def _ask(self, session: Session, report: dict[str, dict[str, str]]) -> None:
        from protocube_client.cli import served

        server = await served.info(session)
        report["serverVersion"] = {
            "platform": server.platform,
            "pythonVersion": server.python_version,
            "store": server.store,
            "version": f"v{server.version}",
        }

    def _print(self, report: dict[str, dict[str, str]], streams: Streams) -> None:
        if self.output == "json":
            import json

            streams.out.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
        elif self.output == "yaml":
            from protocube_client.printers import yaml_printer

            streams.out.write(yaml_printer.text(report) + "\n")
        elif "serverVersion" in report:
            streams.out.write(f"Server Version: {report['serverVersion']['version']}\n")


def _client() -> dict[str, str]:
    return {
        "platform": machine.platform_name(),
        "pythonVersion": platform.python_version(),
        "version": f"v{protocube.__version__}",
    }


@click.pass_obj
def _version(app: App, *, client: bool, output: str, arguments: tuple[str, ...]) -> None:
    options = VersionOptions(client_only=client, output=output, arguments=arguments)
    options.validate()
    options.run(app)


COMMAND = Command(
    "version",
    callback=_version,
    help="Show the versions of client and server.",
    examples="""
# Show both versions
cubectl version

# Show the client's version without asking a server
cubectl version --client
""",
    params=[
        Switch(["--client"], help="Show the client's version only; no server is needed."),
        Flag(["-o", "--output"], default="", metavar="FORMAT", help="json or yaml."),
    ],
)
