"""``cubectl patch``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.commands.patch.options import TYPES, PatchOptions
from protocube_client.cli.flags import dry_run, output, writing
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session


@click.pass_obj
def _patch(app: App, /, **given: Any) -> None:
    options = PatchOptions(
        files=files.take(given),
        dry_run=DryRun.parse(given.pop("dry_run")),
        format=output.take(given).format(tables=False),
        **given,
    )
    options.validate()
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: PatchOptions, session: Session) -> None:
    """Patch the objects; raises all errors together after the last one."""
    from protocube_client.cli import objects
    from protocube_client.cli.commands.patch.patching import Patching

    patching = Patching(options, session, options.text())
    choice = objects.Choice(
        arguments=options.arguments,
        files=options.files,
        subresource=options.subresource,
        local=options.local,
    )
    found = await objects.find(choice, session)
    await found.visit(patching.visit)
    patching.require_any()


COMMAND = Command(
    "patch",
    callback=_patch,
    usage="(KIND NAME... | KIND/NAME... | -f FILE) (-p PATCH | --patch-file FILE) [flags]",
    help="Change fields of objects by a patch, JSON or YAML: a strategic merge patch unless "
    "--type says otherwise.",
    completes=("kinds", "names"),
    examples="""
# Give a Deployment another number of replicas
cubectl patch deployment web -p '{"spec":{"replicas":3}}'

# Change the image of the container that is called web
cubectl patch deployment web \\
  -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"web:2"}]}}}}'

# Take a label away, with a merge patch in YAML
cubectl patch pod web --type=merge -p 'metadata: {labels: {tier: null}}'

# Carry out the operations of a JSON patch
cubectl patch pod web --type=json -p '[{"op":"remove","path":"/metadata/labels/tier"}]'

# Change the status and nothing else
cubectl patch deployment web --subresource=status -p '{"status":{"replicas":2}}'

# Show what a patch makes of the object in a file
cubectl patch -f deployment.yaml --local -p '{"spec":{"replicas":3}}' -o yaml
""",
    params=[
        Flag(["-p", "--patch"], default="", metavar="PATCH", help="The patch, as JSON or YAML."),
        Flag(
            ["--patch-file"],
            default="",
            metavar="FILE",
            help="A file with the patch.",
            source="file",
        ),
        Flag(
            ["--type"],
            default="strategic",
            metavar="TYPE",
            help="How the patch is read: json, merge or strategic.",
            values=TYPES,
        ),
        Flag(
            ["--subresource"],
            default="",
            metavar="NAME",
            help="The part of the objects to change: status or scale.",
            values=("status", "scale"),
        ),
        *files.flags("patch"),
        Switch(["--local"], help="Patch the objects in files and ask no server."),
        dry_run.flag(),
        writing.field_manager("kubectl-patch"),
        *output.flags(tables=False),
        writing.record(),
    ],
)
