"""``cubectl create service nodeport``."""

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
def _create(app: App, /, *, node_port: int, **flags: Any) -> None:
    tcp = services.take_tcp(flags)
    ServiceOptions(type="NodePort", tcp=tcp, node_port=node_port).run(app, flags)


COMMAND = Command(
    "nodeport",
    callback=_create,
    usage="NAME --tcp=PORT[:TARGET] [--node-port=PORT] [flags]",
    help="Create a Service with a port on every node.",
    examples="""
# Create a Service whose port on the nodes the server chooses
cubectl create service nodeport web --tcp=80:8080

# Create one with a port of your own
cubectl create service nodeport web --tcp=80:8080 --node-port=30080
""",
    params=[
        services.tcp_flag(),
        Flag(
            ["--node-port"],
            type=click.INT,
            default=0,
            metavar="PORT",
            help="The port on the nodes; chosen by the server unless given.",
        ),
        *generation.flags(),
    ],
)
