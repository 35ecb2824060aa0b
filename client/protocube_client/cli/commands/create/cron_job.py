"""``cubectl create cronjob``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation, jobs
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _create(app: App, /, *, image: str, schedule: str, restart: str, **flags: Any) -> None:
    command = flags["arguments"][1:]

    def make(metadata: dict[str, Any]) -> dict[str, Any]:
        name = metadata["name"]
        spec = jobs.spec(name, image, command, restart=restart or "OnFailure")
        return {
            "apiVersion": jobs.API_VERSION,
            "kind": "CronJob",
            "metadata": metadata,
            "spec": {
                "schedule": schedule,
                "jobTemplate": {"metadata": {"name": name}, "spec": spec},
            },
        }

    generation.take(flags).run(app, make, complaint="failed to create cronjob: ")


COMMAND = Command(
    "cronjob",
    callback=_create,
    usage="NAME --image=IMAGE --schedule='0/5 * * * ?' [flags] [-- COMMAND ARGUMENT...]",
    help="Create a CronJob, which runs an image again and again.",
    examples="""
# Create a CronJob that runs every night at three
cubectl create cronjob backup --image=backup:1 --schedule="0 3 * * *"

# Create one with a command of its own
cubectl create cronjob clock --image=busybox --schedule="*/5 * * * *" -- date
""",
    params=[
        jobs.image_flag(needed=True),
        Flag(
            ["--schedule"],
            default="",
            needed=True,
            metavar="SCHEDULE",
            help="When it runs, in the form of cron.",
        ),
        Flag(
            ["--restart"],
            default="",
            metavar="POLICY",
            help="Whether its pods are started again: OnFailure (unless given) or Never.",
            values=("OnFailure", "Never"),
        ),
        *generation.flags(),
    ],
)
