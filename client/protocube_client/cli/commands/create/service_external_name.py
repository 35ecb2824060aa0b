"""``cubectl create service externalname``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation, services
from protocube_client.cli.commands.create.services import ServiceOptions
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_LONGEST = 253


@click.pass_obj
def _create(app: App, /, *, external_name: str, **flags: Any) -> None:
    if len(external_name) > _LONGEST or not _DOMAIN.fullmatch(external_name):
        raise CommandError(f"invalid service external name {external_name}")
    tcp = services.take_tcp(flags)
    ServiceOptions(type="ExternalName", tcp=tcp, external_name=external_name).run(app, flags)


COMMAND = Command(
    "externalname",
    callback=_create,
    usage="NAME --external-name=NAME [flags]",
    help="Create a Service that stands for a name outside of the cluster.",
    examples="""
# Create a Service that stands for db.example.com
cubectl create service externalname db --external-name=db.example.com
""",
    params=[
        Flag(
            ["--external-name"],
            default="",
            needed=True,
            metavar="NAME",
            help="The name that it stands for.",
        ),
        services.tcp_flag(),
        *generation.flags(),
    ],
)
