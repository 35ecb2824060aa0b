"""``cubectl wait``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.flags import durations, output, selecting
from protocube_client.cli.flags.pflag import FALSE, Duration, Flag, Unsupported

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.wait.options import WaitOptions
    from protocube_client.cli.session import Session


@click.pass_obj
def _wait(app: App, /, **given: Any) -> None:
    from protocube_client.cli.commands.wait import conditions
    from protocube_client.cli.commands.wait.options import WaitOptions

    form = output.take(given).format(tables=False)
    options = WaitOptions(
        files=files.take(given),
        every=given.pop("all"),
        timeout=durations.seconds(given.pop("timeout")),
        format=form,
        condition=conditions.parse(given.pop("for")),
        **given,
    )
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: WaitOptions, session: Session) -> None:
    """Wait; raises what did not come about after the last object."""
    from protocube_client.cli.commands.wait.awaiting import Awaiting

    await Awaiting(options, session).run()


COMMAND = Command(
    "wait",
    callback=_wait,
    usage="(KIND NAME... | KIND/NAME... | KIND (-l LABELS | --all) | -f FILE) --for=WHAT [flags]",
    help="Wait until objects are created, deleted, or as they should be.\n\n"
    "The time is for all objects together; it ends with an error.",
    completes=("kinds", "names"),
    examples="""
# Wait until a pod is ready
cubectl wait pod/web --for=condition=Ready

# Wait until a condition is false
cubectl wait pod/web --for=condition=Ready=false --timeout=2m

# Wait until a field has a value
cubectl wait pod/web --for=jsonpath='{.status.phase}'=Running

# Wait until a field is there at all
cubectl wait service/web --for=jsonpath='{.status.loadBalancer.ingress[0].ip}'

# Wait until objects have gone, or are there
cubectl wait pods -l app=web --for=delete --timeout=60s
cubectl wait configmap/web --for=create
""",
    params=[
        Flag(
            ["--for"],
            default="",
            metavar="WHAT",
            help="What to wait for: create, delete, condition=TYPE[=STATUS] or "
            "jsonpath=PATH[=VALUE].",
            values=("create", "delete", "condition=", "jsonpath="),
        ),
        Duration(
            ["--timeout"],
            default="30s",
            metavar="DURATION",
            help="How long to wait; 0 for one look, less than 0 for a week.",
        ),
        *files.flags("wait for"),
        selecting.every("wait for"),
        selecting.all_namespaces(),
        selecting.labels(),
        selecting.fields(),
        *output.flags(tables=False),
        Unsupported("--local", "what is in a file does not change", harmless=FALSE),
    ],
)
