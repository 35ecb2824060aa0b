"""``cubectl describe``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.flags import selecting
from protocube_client.cli.flags.pflag import Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.describe.options import DescribeOptions
    from protocube_client.cli.session import Session


@click.pass_obj
def _describe(app: App, /, **given: Any) -> None:
    from protocube_client.cli.commands.describe.options import DescribeOptions

    options = DescribeOptions(files=files.take(given), **given)
    options.validate()
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: DescribeOptions, session: Session) -> None:
    from protocube_client.cli.commands.describe.describing import Describing

    await Describing(options, session).run()


COMMAND = Command(
    "describe",
    callback=_describe,
    usage="(KIND [NAME | PREFIX] | KIND/NAME... | KIND -l LABELS | -f FILE) [flags]",
    help="Show objects in words, with what belongs to them and what happened to them.\n\n"
    "When no object has the name, those are shown whose names begin so.",
    completes=("kinds", "names"),
    examples="""
# One pod, with its events
cubectl describe pod web

# All pods whose names begin so
cubectl describe pod web-

# Objects of several kinds
cubectl describe deployment/web service/web

# The pods with a label
cubectl describe pods -l app=web

# What a file names, as it is on the server
cubectl describe -f pod.yaml
""",
    params=[
        *files.flags("describe"),
        selecting.labels(),
        selecting.all_namespaces(),
        Switch(["--show-events"], default=True, help="Show what happened to the objects."),
        selecting.chunk_size(),
    ],
)
