"""``cubectl create service loadbalancer``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation, services
from protocube_client.cli.commands.create.services import ServiceOptions

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _create(app: App, /, **flags: Any) -> None:
    tcp = services.take_tcp(flags)
    ServiceOptions(type="LoadBalancer", tcp=tcp).run(app, flags)


COMMAND = Command(
    "loadbalancer",
    callback=_create,
    usage="NAME --tcp=PORT[:TARGET] [flags]",
    help="Create a Service behind a load balancer.",
    examples="""
# Create a Service behind a load balancer
cubectl create service loadbalancer web --tcp=80:8080
""",
    params=[services.tcp_flag(), *generation.flags()],
)
