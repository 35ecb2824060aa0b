"""``cubectl run``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import making
from protocube_client.cli.command import Command
from protocube_client.cli.commands.run.options import RunOptions
from protocube_client.cli.failures import misuse
from protocube_client.cli.flags import dry_run, output, overriding, writing
from protocube_client.cli.flags.pflag import FALSE, Flag, Switch, Unsupported

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_ATTACH = "there is no kubelet to attach to a container: the pod is created, and nothing more"
_REMOVE = "it is about pods that one is attached to"


@click.pass_obj
def _run(app: App, /, **given: Any) -> None:
    from protocube_client.resource.validation import Validation

    context = click.get_current_context()
    arguments = given.pop("arguments")
    if not arguments:
        raise misuse("NAME is required for run", context.command_path)
    given.pop("quiet")
    options = RunOptions(
        name=arguments[0],
        words=arguments[1:],
        overrides=overriding.take(given),
        making=making.take(given, validation=Validation.IGNORE),
        **given,
    )
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "run",
    callback=_run,
    usage="NAME --image=IMAGE [flags] [-- ARGUMENT... | --command -- COMMAND ARGUMENT...]",
    help="Create a pod that runs one image.",
    examples="""
# Create a pod
cubectl run web --image=nginx

# One that listens on a port, with a Service in front of it
cubectl run web --image=nginx --port=80 --expose

# One with variables and labels
cubectl run web --image=nginx --env=LOG=debug --labels=app=web,tier=front

# One with a command of its own
cubectl run clock --image=busybox --restart=Never --command -- date

# Show the pod
cubectl run web --image=nginx --dry-run=client -o yaml
""",
    params=[
        Flag(["--image"], needed=True, metavar="IMAGE", help="The image to run."),
        Flag(
            ["--image-pull-policy"],
            default="",
            metavar="POLICY",
            help="When the image is pulled: Always, IfNotPresent or Never (the server says).",
            values=("Always", "IfNotPresent", "Never"),
        ),
        Flag(
            ["--port"], default="", metavar="PORT", help="The port that the container listens on."
        ),
        Flag(
            ["--env"],
            multiple=True,
            metavar="NAME=VALUE",
            help="A variable of the container; may be repeated.",
        ),
        Flag(
            ["-l", "--labels"],
            default="",
            metavar="LABELS",
            help="The labels of the pod, such as app=web (run=NAME).",
        ),
        Flag(
            ["--annotations"],
            multiple=True,
            metavar="KEY=VALUE",
            help="An annotation of the pod; may be repeated.",
        ),
        Flag(
            ["--restart"],
            default="Always",
            metavar="POLICY",
            help="When the container starts again: Always, OnFailure or Never.",
            values=("Always", "OnFailure", "Never"),
        ),
        Switch(
            ["--command"], help="Take what stands behind -- for the command, not for its arguments."
        ),
        Switch(["--expose"], help="Also create a Service; it needs --port."),
        Switch(["--privileged"], help="Let the container do anything on its node."),
        Switch(["-q", "--quiet"], help="Ask nothing; it never does."),
        *overriding.flags(),
        dry_run.flag(),
        writing.field_manager("kubectl-run"),
        writing.save_config(),
        *output.flags(tables=False),
        writing.record(),
        Unsupported("--attach", _ATTACH, harmless=FALSE),
        Unsupported("--stdin", _ATTACH, harmless=FALSE, short="-i"),
        Unsupported("--tty", _ATTACH, harmless=FALSE, short="-t"),
        Unsupported("--leave-stdin-open", _ATTACH, harmless=FALSE),
        Unsupported("--pod-running-timeout", _ATTACH),
        Unsupported("--rm", _ATTACH, harmless=FALSE),
        Unsupported("--cascade", _REMOVE),
        Unsupported("--filename", _REMOVE, short="-f"),
        Unsupported("--force", _REMOVE, harmless=FALSE),
        Unsupported("--grace-period", _REMOVE),
        Unsupported("--kustomize", _REMOVE, short="-k"),
        Unsupported("--recursive", _REMOVE, harmless=FALSE, short="-R"),
        Unsupported("--timeout", _REMOVE),
        Unsupported("--wait", _REMOVE, harmless=FALSE),
    ],
)
