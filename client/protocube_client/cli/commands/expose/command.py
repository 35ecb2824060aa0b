"""``cubectl expose``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files, making
from protocube_client.cli.command import Command
from protocube_client.cli.exposing import ServiceOptions
from protocube_client.cli.flags import dry_run, output, overriding, writing
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.overriding import Overrides
    from protocube_client.cli.making import Making
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposeOptions:
    """What to expose, and as what."""

    arguments: tuple[str, ...]
    files: Files
    name: str
    """The Service's; the exposed object's when it is empty."""
    labels: str
    selector: str
    port: str
    service: ServiceOptions
    overrides: Overrides
    making: Making


@click.pass_obj
def _expose(app: App, /, **given: Any) -> None:
    from protocube_client.resource.validation import Validation

    options = ExposeOptions(
        files=files.take(given),
        overrides=overriding.take(given),
        making=making.take(given, validation=Validation.IGNORE),
        service=ServiceOptions(**{name: given.pop(name) for name in ServiceOptions.__slots__}),
        **given,
    )
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: ExposeOptions, session: Session) -> None:
    """Expose the objects; raises all errors together after the last one."""
    from protocube_client.cli import objects
    from protocube_client.cli.commands.expose.services import Services

    choice = objects.Choice(arguments=options.arguments, files=options.files)
    found = await objects.find(choice, session)
    await found.visit(Services(options, session).visit)


COMMAND = Command(
    "expose",
    callback=_expose,
    usage="(KIND NAME... | KIND/NAME... | -f FILE) [flags]",
    help="Create a Service in front of the pods of a Deployment, ReplicaSet, "
    "ReplicationController, Service or Pod. What flags do not say is taken from that object: "
    "its labels, what it selects, and its ports.",
    completes=("kinds", "names"),
    examples="""
# Create a Service for the pods of a Deployment
cubectl expose deployment web --port=80 --target-port=8000

# Another one in front of the pods of a Service
cubectl expose service web --port=443 --target-port=8443 --name=web-https

# Show the Service that a pod would get
cubectl expose pod web --port=80 --dry-run=client -o yaml
""",
    params=[
        *files.flags("expose"),
        Flag(
            ["--port"],
            default="",
            metavar="PORT",
            help="The port of the Service (those of the object).",
        ),
        Flag(
            ["--target-port"],
            default="",
            metavar="PORT",
            help="The port of the pods, by number or name (the Service's).",
        ),
        Flag(
            ["--protocol"],
            default="",
            metavar="PROTOCOL",
            help="TCP, UDP or SCTP (what the object says, or TCP).",
            values=("TCP", "UDP", "SCTP"),
        ),
        Flag(["--name"], default="", metavar="NAME", help="The name of the Service."),
        Flag(
            ["--type"],
            default="",
            metavar="TYPE",
            help="ClusterIP, NodePort, LoadBalancer or ExternalName (ClusterIP).",
            values=("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
        ),
        Flag(
            ["--selector"],
            default="",
            metavar="LABELS",
            help="The labels of the pods, such as app=web.",
        ),
        Flag(["-l", "--labels"], default="", metavar="LABELS", help="The labels of the Service."),
        Flag(
            ["--cluster-ip"],
            default="",
            metavar="ADDRESS",
            help="The address in the cluster; None for a Service without one.",
        ),
        Flag(
            ["--external-ip"],
            default="",
            metavar="ADDRESS",
            help="An address outside of the cluster that leads to the Service, too.",
        ),
        Flag(
            ["--load-balancer-ip"],
            default="",
            metavar="ADDRESS",
            help="The address of a LoadBalancer.",
        ),
        Flag(
            ["--session-affinity"],
            default="",
            metavar="AFFINITY",
            help="ClientIP to send a client to the same pod again, or None.",
            values=("ClientIP", "None"),
        ),
        *overriding.flags(),
        dry_run.flag(),
        writing.field_manager("kubectl-expose"),
        writing.save_config(),
        *output.flags(tables=False),
        writing.record(),
    ],
)
