"""``cubectl diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import failures, files
from protocube_client.cli.command import Command
from protocube_client.cli.commands.diff.options import DiffOptions
from protocube_client.cli.flags import applying, selecting
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session


@click.pass_obj
def _diff(app: App, /, **given: Any) -> None:
    options = DiffOptions(
        files=files.take(given),
        prune_allowlist=tuple(given.pop("prune_allowlist")),
        environ=app.environ,
        **given,
    )
    options.validate(click.get_current_context().command_path)
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: DiffOptions, session: Session) -> None:
    from protocube_client.cli.commands.diff import comparing

    if await comparing.run(options, session):
        raise failures.Ended(failures.DIFFERENT)


COMMAND = Command(
    "diff",
    callback=_diff,
    failed=failures.FAILED_BESIDE_DIFFERENT,
    advice="See '{} -h' for help and examples",
    usage="(-f FILE | -k DIR) [flags]",
    help="Show what an apply of files would change in objects: the server tries it without "
    "effect, and the objects are compared before and after, as YAML.\n\n"
    "The exit code is 0 without and 1 with differences, and greater after an error.\n\n"
    "The program in KUBECTL_EXTERNAL_DIFF compares, with its flags, or else diff -u -N, in colour "
    "on a terminal unless NO_COLOR is set.",
    examples="""
# Show what would change if a file was applied
cubectl diff -f deployment.yaml

# The same for what another program writes
kustomize build overlays/test | cubectl diff -f -

# Show what would be deleted, too
cubectl diff -f manifests/ --prune -l app=shop

# Compare with another program
KUBECTL_EXTERNAL_DIFF="colordiff -N -u" cubectl diff -f deployment.yaml
""",
    params=[
        *files.flags("compare"),
        selecting.labels(),
        applying.server_side(),
        applying.force_conflicts(),
        applying.field_manager(),
        applying.prune("Show applied objects, too, that are in the files no more."),
        applying.prune_allowlist(),
        Switch(["--show-managed-fields"], help="Compare who owns which field, too."),
        Flag(
            ["--concurrency"],
            type=click.INT,
            default=1,
            metavar="N",
            help="How many objects to ask about at a time.",
        ),
    ],
)
