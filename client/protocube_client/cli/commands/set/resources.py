"""``cubectl set resources``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.set import options as set_options
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import writing
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class _Amounts:
    """Amounts of resources."""

    limits: dict[str, str]
    requests: dict[str, str]
    containers: str
    done = "resource requirements updated"
    complaint = "failed to patch resources update to pod template"
    tells_of_unchanged = False

    async def make(self, chosen: Chosen, data: dict[str, Any], _: Session) -> list[str]:
        """Set the amounts of the containers beside those that they have."""
        from protocube_client.cli.commands.set import pod_specs

        meant = pod_specs.containers(pod_specs.of_object(chosen.resource, data), self.containers)
        for container in meant:
            resources = container.setdefault("resources", {})
            for field, amounts in (("limits", self.limits), ("requests", self.requests)):
                if amounts:
                    resources[field] = {**(resources.get(field) or {}), **amounts}
        return [] if meant else [f"unable to find container named {self.containers}"]


def _amounts(text: str) -> dict[str, str]:
    """Return amounts such as ``cpu=1,memory=1Gi`` by name. Raises :class:`CommandError`."""
    from protocube.manifests import quantities, quantity_text

    found: dict[str, str] = {}
    for part in text.split(",") if text else ():
        name, equals, amount = part.partition("=")
        if not equals or "=" in amount:
            raise CommandError(f"Invalid argument syntax {part}, expected <resource>=<value>")
        try:
            quantity_text.read(amount)
        except quantity_text.NoQuantity as fault:
            raise CommandError(str(fault)) from None
        found[name] = quantities.canonical(amount)
    return found


@click.pass_obj
def _set(
    app: App,
    /,
    *,
    arguments: tuple[str, ...],
    limits: str,
    requests: str,
    containers: str,
    **given: Any,
) -> None:
    options = set_options.take(given, arguments=arguments)

    async def run(session: Session) -> None:
        from protocube_client.cli.commands.set import setting

        faults = options.faults()
        if not limits and not requests:
            faults.append(
                CommandError(
                    "you must specify an update to requests or limits "
                    "(in the form of --requests/--limits)"
                )
            )
        chosen = await setting.read(options, session, faults[:1])
        amounts = _Amounts(
            limits=_amounts(limits), requests=_amounts(requests), containers=containers
        )
        await setting.change_all(chosen, amounts, options, session)

    app.run(app.settings(), run)


COMMAND = Command(
    "resources",
    callback=_set,
    usage=f"{set_options.USAGE} [--limits=AMOUNTS] [--requests=AMOUNTS] [flags]",
    help="Set what containers request of resources, and how much they get at most. Amounts of "
    "other resources stay.",
    completes=("kinds", "names"),
    examples="""
# Limit the containers of a Deployment
cubectl set resources deployment web --limits=cpu=200m,memory=512Mi

# What one of them requests
cubectl set resources deployment web -c web --requests=cpu=100m,memory=256Mi

# Show what becomes of a file
cubectl set resources -f deployment.yaml --limits=cpu=1 --local -o yaml
""",
    params=[
        Flag(["--limits"], default="", metavar="AMOUNTS", help="Limits, such as cpu=1,memory=1Gi."),
        Flag(
            ["--requests"],
            default="",
            metavar="AMOUNTS",
            help="Requests, such as cpu=100m,memory=256Mi.",
        ),
        Flag(
            ["-c", "--containers"],
            default="*",
            metavar="NAMES",
            help="The containers to change; * stands for anything.",
        ),
        *set_options.flags(),
        writing.record(),
    ],
)
