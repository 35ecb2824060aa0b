"""``cubectl delete``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.commands.delete.options import DeleteOptions
from protocube_client.cli.flags import deleting, dry_run, durations, pflag, selecting
from protocube_client.cli.flags import parallel as parallel_flag
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import RAW, Duration, Flag, Switch, Unsupported

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.delete.deletion import Deletion
    from protocube_client.cli.session import Session


@click.pass_obj
def _take(app: App, /, **given: Any) -> None:
    every = given.pop("all")
    ignore = given.pop("ignore_not_found")
    chooses = bool(every or given["selector"] or given["field_selector"])
    options = DeleteOptions(
        files=files.take(given),
        every=every,
        # What was chosen may be gone a moment later; it was not asked for by name.
        ignore_not_found=chooses if ignore is None else ignore,
        dry_run=DryRun.parse(given.pop("dry_run")),
        timeout=durations.seconds(given.pop("timeout")),
        **given,
    )
    options.validate()
    if options.cascade in pflag.TRUE | pflag.FALSE:
        app.streams.err.write(
            f"warning: --cascade={options.cascade} is deprecated (boolean value) "
            f"and can be replaced with --cascade={options.propagation}.\n"
        )
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: DeleteOptions, session: Session) -> None:
    """Delete the objects; raises all errors together after the last one."""
    from protocube_client.cli import together
    from protocube_client.cli.commands.delete.deletion import Deletion

    if options.atomic:
        at_once = together.all_or_nothing(session, dry_run=options.dry_run)
        await _delete(Deletion(options, session, at_once, at_once), options, session)
        return
    way = together.streamed(session, parallel=options.parallel, dry_run=options.dry_run)
    async with way:
        await _delete(Deletion(options, session, way), options, session)


async def _delete(deletion: Deletion, options: DeleteOptions, session: Session) -> None:
    from protocube_client.cli import targets

    if options.files:
        await deletion.of_files()
    else:
        query = targets.Query(
            selects=options.selects, kinds_alone=False, all_namespaces=options.all_namespaces
        )
        found = await targets.find(options.arguments, session.kinds, query)
        options.check_found(session)
        await deletion.of_targets(found)
    if deletion.cancelled:
        session.streams.out.write("deletion is cancelled\n")
    elif not deletion.found:
        session.streams.out.write("No resources found\n")
    await deletion.wait()


COMMAND = Command(
    "delete",
    callback=_take,
    usage="(KIND NAME... | KIND/NAME... | KIND (-l LABELS | --all) | -f FILE) [flags]",
    help="Delete objects by file, by name or by selector.",
    completes=("kinds", "names"),
    examples="""
# Delete the objects that a file names
cubectl delete -f pod.yaml

# Delete two pods
cubectl delete pod web api

# Delete objects by kind and name
cubectl delete pod/web configmap/web

# Delete the pods with a label
cubectl delete pods -l app=web

# Delete all objects in a folder at one moment, or none of them
cubectl delete --atomic -f manifests/

# Delete all ConfigMaps of the namespace, after a look at them
cubectl delete configmaps --all --interactive
""",
    params=[
        *files.flags("delete"),
        selecting.every("delete"),
        selecting.all_namespaces(),
        selecting.labels(),
        selecting.fields(),
        Switch(
            ["--ignore-not-found"], default=None, help="An object that does not exist is no error."
        ),
        deleting.cascade(),
        deleting.grace_period(),
        Switch(["--force"], help="Delete at once."),
        Switch(
            ["--ignore-store-read-error"],
            help="Also delete objects whose stored value cannot be read, finalizers or not.",
        ),
        Switch(["--now"], help="Give each object one second."),
        Switch(["-i", "--interactive"], help="Show what is meant, and ask before it is deleted."),
        dry_run.flag(),
        Switch(["--wait"], default=True, help="Wait until objects with finalizers have gone."),
        Duration(
            ["--timeout"],
            default="0",
            metavar="DURATION",
            help="How long to wait for that; 0 for any time.",
        ),
        Flag(["-o", "--output"], default="", metavar="FORMAT", help="name.", values=("name",)),
        parallel_flag.flag(),
        parallel_flag.atomic("delete"),
        Unsupported("--raw", RAW),
    ],
)
