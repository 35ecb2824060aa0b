"""``cubectl apply``, and the commands below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.commands.apply.options import ApplyOptions
from protocube_client.cli.flags import (
    applying,
    deleting,
    dry_run,
    durations,
    output,
    selecting,
    writing,
)
from protocube_client.cli.flags import parallel as parallel_flag
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import TRUE, Duration, Flag, Switch, Unsupported

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_BELOW: Final = "protocube_client.cli.commands.apply"
_TABLE: Final = {
    "edit-last-applied": (
        f"{_BELOW}.edit_last_applied",
        "Edit the configuration that was applied last",
    ),
    "set-last-applied": (
        f"{_BELOW}.set_last_applied",
        "Write the configuration of a file into the annotation of an object",
    ),
    "view-last-applied": (
        f"{_BELOW}.view_last_applied",
        "Show the configuration that was applied last",
    ),
}


@click.pass_obj
def _apply(app: App, /, **given: Any) -> None:
    from protocube_client.resource.validation import Validation

    options = ApplyOptions(
        files=files.take(given),
        every=given.pop("all"),
        prune_allowlist=tuple(given.pop("prune_allowlist")),
        timeout=durations.seconds(given.pop("timeout")),
        dry_run=DryRun.parse(given.pop("dry_run")),
        validation=Validation.parse(given.pop("validate")),
        format=output.take(given).format(tables=False),
        **given,
    )
    options.validate(click.get_current_context().command_path)
    from protocube_client.cli.commands.apply import applying as run

    app.run(app.settings(), lambda session: run.run(options, session))


COMMAND = Command(
    "apply",
    callback=_apply,
    table=_TABLE,
    usage="(-f FILE | -k DIR) [flags]",
    help="Create the objects in files or standard input, and bring those that exist to what the "
    "files say. Fields that other writers set, and that the files have never named, stay as they "
    "are.\n\n"
    "The configuration is kept in an annotation of each object, so that the next apply can take "
    "away what is in the file no more. With --server-side the server keeps who owns which field "
    "in place of that.",
    examples="""
# Create or change what a file names
cubectl apply -f deployment.yaml

# The same for a folder and all below it
cubectl apply -R -f manifests/

# Show what an apply would make of the objects, and change nothing
cubectl apply -f deployment.yaml --dry-run=server -o yaml

# Let the server merge, and take fields from their owners
cubectl apply -f deployment.yaml --server-side --force-conflicts

# Delete what was applied before with this label and is in the folder no more
cubectl apply -f manifests/ --prune -l app=shop

# The same for all kinds that have ever been applied with this name
cubectl apply -f manifests/ --prune --applyset=configmaps/shop -n team-a

# Apply all objects in a folder at one moment, or none of them
cubectl apply --atomic -f manifests/

# Replace an object when a field that cannot change is another one
cubectl apply -f deployment.yaml --force
""",
    params=[
        *files.flags("apply"),
        selecting.labels(),
        applying.server_side(),
        applying.force_conflicts(),
        applying.field_manager(),
        Flag(
            ["--subresource"],
            default="",
            metavar="NAME",
            help="With --server-side, the part of the objects to apply to: status or scale.",
            values=("status", "scale"),
        ),
        Switch(
            ["--overwrite"],
            default=True,
            help="Change also what others have changed since the last apply; else an error.",
        ),
        Switch(
            ["--force"],
            help="Delete an object that cannot be changed, wait until it is gone, and create it.",
        ),
        applying.prune("Delete applied objects that are in the files no more; with -l or --all."),
        Switch(["--all"], help="With --prune, look at all objects."),
        applying.prune_allowlist(),
        Flag(
            ["--applyset"],
            default="",
            metavar="[KIND/]NAME",
            help="With --prune, the Secret or ConfigMap that keeps which objects belong "
            "together; what is in the files no more is deleted, of any kind.",
        ),
        deleting.cascade("With --force or --prune"),
        deleting.grace_period("With --force or --prune"),
        Switch(["--wait"], help="With --prune, wait until the objects are gone."),
        Duration(
            ["--timeout"],
            default="0",
            metavar="DURATION",
            help="How long to wait for the end of an object: with --force 5m, with --wait for "
            "ever, unless given.",
        ),
        dry_run.flag(),
        writing.validate(),
        *output.flags(tables=False),
        parallel_flag.flag(),
        parallel_flag.atomic("apply"),
        writing.record(),
        Unsupported(
            "--openapi-patch",
            "patches always follow the schema of the kind",
            harmless=TRUE,
        ),
    ],
)
