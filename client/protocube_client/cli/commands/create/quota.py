"""``cubectl create quota``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App


def _amounts(text: str) -> dict[str, str]:
    """Read ``cpu=1,pods=2``. Raises :class:`CommandError`."""
    from protocube.manifests import quantities, quantity_text

    amounts: dict[str, str] = {}
    for pair in text.split(",") if text else ():
        parts = pair.split("=")
        if len(parts) != 2:  # noqa: PLR2004  # a name and an amount
            raise CommandError(f"Invalid argument syntax {pair}, expected <resource>=<value>")
        name, amount = parts
        try:
            quantity_text.read(amount)
        except quantity_text.NoQuantity as error:
            raise CommandError(str(error)) from None
        amounts[name] = quantities.canonical(amount)
    return amounts


def _scopes(text: str) -> list[str]:
    scopes = text.split(",") if text else []
    if "" in scopes:
        raise CommandError('invalid resource quota scope ""')
    return scopes


@click.pass_obj
def _create(app: App, /, *, hard: str, scopes: str, **flags: Any) -> None:
    def make(metadata: dict[str, Any]) -> dict[str, Any]:
        spec: dict[str, Any] = {"hard": _amounts(hard)}
        if names := _scopes(scopes):
            spec["scopes"] = names
        return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": spec}

    generation.take(flags).run(app, make, complaint="failed to create quota: ")


COMMAND = Command(
    "quota",
    callback=_create,
    usage="NAME [--hard=RESOURCE=AMOUNT,...] [--scopes=SCOPE,...] [flags]",
    help="Create a quota: how much of each resource a namespace may use.",
    examples="""
# Create a quota of processors, memory and pods
cubectl create quota small --hard=cpu=2,memory=4Gi,pods=10

# Create one for pods that ask for nothing
cubectl create quota idle --hard=pods=100 --scopes=BestEffort
""",
    params=[
        Flag(
            ["--hard"],
            default="",
            metavar="AMOUNTS",
            help="The most that may be used: RESOURCE=AMOUNT, with commas between them.",
        ),
        Flag(
            ["--scopes"],
            default="",
            metavar="SCOPES",
            help="What objects must all be to count, with commas between the words.",
        ),
        *generation.flags(),
    ],
)
