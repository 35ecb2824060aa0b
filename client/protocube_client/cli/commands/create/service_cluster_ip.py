"""``cubectl create service clusterip``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation, services
from protocube_client.cli.commands.create.services import ServiceOptions
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _create(app: App, /, *, clusterip: str, **flags: Any) -> None:
    tcp = services.take_tcp(flags)
    ServiceOptions(type="ClusterIP", tcp=tcp, cluster_ip=clusterip).run(app, flags)


COMMAND = Command(
    "clusterip",
    callback=_create,
    usage="NAME [--tcp=PORT[:TARGET]] [--clusterip=ADDRESS] [flags]",
    help="Create a Service with an address in the cluster, or a headless one.",
    examples="""
# Create a Service that passes port 80 on to port 8080 of pods with the label app=web
cubectl create service clusterip web --tcp=80:8080

# Create one without an address
cubectl create service clusterip db --clusterip=None
""",
    params=[
        services.tcp_flag(),
        Flag(
            ["--clusterip"],
            default="",
            metavar="ADDRESS",
            help="The address, or None for a headless Service; chosen by the server unless given.",
            values=(services.HEADLESS,),
        ),
        *generation.flags(),
    ],
)
