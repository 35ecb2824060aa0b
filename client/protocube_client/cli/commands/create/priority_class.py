"""``cubectl create priorityclass``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation
from protocube_client.cli.flags.integers import INT32
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _create(
    app: App,
    /,
    *,
    value: int,
    global_default: bool,
    description: str,
    preemption_policy: str,
    **flags: Any,
) -> None:
    def make(metadata: dict[str, Any]) -> dict[str, Any]:
        manifest: dict[str, Any] = {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": metadata,
            "value": value,
            "preemptionPolicy": preemption_policy,
        }
        if global_default:
            manifest["globalDefault"] = True
        if description:
            manifest["description"] = description
        return manifest

    generation.take(flags).run(app, make, complaint="failed to create priorityclass: ")


COMMAND = Command(
    "priorityclass",
    callback=_create,
    usage="NAME [--value=NUMBER] [flags]",
    help="Create a priority class: how important the pods of a class are.",
    examples="""
# Create a class of important pods
cubectl create priorityclass high --value=1000 --description="pods that users wait for"

# Create the class of pods that name none
cubectl create priorityclass usual --value=100 --global-default

# Create one whose pods take no other's place
cubectl create priorityclass patient --value=500 --preemption-policy=Never
""",
    params=[
        Flag(
            ["--value"],
            type=INT32,
            default=0,
            metavar="NUMBER",
            help="The priority; a greater one is more important.",
        ),
        Switch(["--global-default"], help="Pods that name no class are of this one."),
        Flag(["--description"], default="", metavar="TEXT", help="What the class is for."),
        Flag(
            ["--preemption-policy"],
            default="PreemptLowerPriority",
            metavar="POLICY",
            help="Whether its pods take the place of others: PreemptLowerPriority or Never.",
            values=("PreemptLowerPriority", "Never"),
        ),
        *generation.flags(),
    ],
)
