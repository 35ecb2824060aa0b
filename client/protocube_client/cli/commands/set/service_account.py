"""``cubectl set serviceaccount``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.set import options as set_options
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import writing

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    """A service account."""

    name: str
    done = "serviceaccount updated"
    complaint = "failed to patch ServiceAccountName"
    tells_of_unchanged = True

    async def make(self, chosen: Chosen, data: dict[str, Any], _: Session) -> list[str]:
        """Set the account of the pods."""
        from protocube_client.cli.commands.set import pod_specs

        pod_specs.of_object(chosen.resource, data)["serviceAccountName"] = self.name
        return []


@click.pass_obj
def _set(app: App, /, *, arguments: tuple[str, ...], **given: Any) -> None:
    options = set_options.take(given, arguments=arguments[:-1])
    for fault in options.faults():
        raise fault
    if not arguments:
        raise CommandError("serviceaccount is required")

    async def run(session: Session) -> None:
        from protocube_client.cli.commands.set import setting

        chosen = await setting.read(options, session, ())
        await setting.change_all(chosen, _Account(name=arguments[-1]), options, session)

    app.run(app.settings(), run)


COMMAND = Command(
    "serviceaccount",
    callback=_set,
    usage=f"{set_options.USAGE} ACCOUNT [flags]",
    help="Set the service account that pods run as.",
    completes=("kinds", "names"),
    examples="""
# Let the pods of a Deployment run as a service account
cubectl set serviceaccount deployment web robot

# Show what becomes of a file
cubectl set serviceaccount -f deployment.yaml robot --local -o yaml
""",
    params=[*set_options.flags(selector=False), writing.record()],
)
