"""``cubectl replace``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.commands.replace.options import ReplaceOptions
from protocube_client.cli.flags import deleting, dry_run, durations, output, writing
from protocube_client.cli.flags import parallel as parallel_flag
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import RAW, TRUE, Duration, Flag, Switch, Unsupported

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session


@click.pass_obj
def _replace(app: App, /, **given: Any) -> None:
    from protocube_client.resource.validation import Validation

    options = ReplaceOptions(
        files=files.take(given),
        timeout=durations.seconds(given.pop("timeout")),
        dry_run=DryRun.parse(given.pop("dry_run")),
        validation=Validation.parse(given.pop("validate")),
        format=output.take(given).format(tables=False),
        **given,
    )
    options.validate()
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: ReplaceOptions, session: Session) -> None:
    """Replace the objects; raises all errors together after the last one."""
    if options.force:
        from protocube_client.cli.commands.replace import forcing

        await forcing.run(options, session)
    else:
        from protocube_client.cli.commands.replace import replacing

        await replacing.run(options, session)


COMMAND = Command(
    "replace",
    callback=_replace,
    usage="-f FILE [flags]",
    help="Replace objects by those in files or standard input. An object without a resource "
    "version replaces what is there, whatever it is by now.",
    examples="""
# Replace the objects that a file names
cubectl replace -f pod.yaml

# Replace what another program writes
cubectl get pod web -o yaml | sed 's/web:1/web:2/' | cubectl replace -f -

# Delete the objects first, and create them again
cubectl replace --force -f pod.yaml

# Replace all objects in a folder at one moment, or none of them
cubectl replace --atomic -f manifests/

# Replace the status and nothing else
cubectl replace --subresource=status -f pod.yaml
""",
    params=[
        *files.flags("replace"),
        Switch(["--force"], help="Delete each object, wait until it is gone, and create it."),
        deleting.cascade("With --force"),
        deleting.grace_period("With --force"),
        Duration(
            ["--timeout"],
            default="0",
            metavar="DURATION",
            help="With --force, how long to wait until each object is gone (5m).",
        ),
        Flag(
            ["--subresource"],
            default="",
            metavar="NAME",
            help="Replace this part of the objects: status.",
            values=("status",),
        ),
        dry_run.flag(),
        writing.validate(),
        writing.field_manager("kubectl-replace"),
        writing.save_config(),
        *output.flags(tables=False),
        parallel_flag.flag(),
        parallel_flag.atomic("replace"),
        writing.record(),
        Unsupported("--raw", RAW),
        Unsupported("--wait", "with --force it is always waited", harmless=TRUE),
    ],
)
