"""``cubectl create job``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation, jobs
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session

_COMPLAINT = "failed to create job: "
_BY_HAND = {"cronjob.kubernetes.io/instantiate": "manual"}
"""The annotation of a Job that was started out of turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """What the Job runs, or the CronJob whose template it is made of."""

    image: str
    source: str
    command: tuple[str, ...]

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if bool(self.image) == bool(self.source):
            raise CommandError("either --image or --from must be specified")
        if self.command and self.source:
            raise CommandError("cannot specify --from and command")

    def of_image(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Return a Job that runs the image."""
        spec = jobs.spec(metadata["name"], self.image, self.command, restart="Never")
        return _job(metadata, spec)

    async def of_cron_job(self, metadata: dict[str, Any], session: Session) -> dict[str, Any]:
        """Return a Job of the CronJob's template; the CronJob is its controller.

        Raises :class:`CommandError` when no CronJob is named, and what reading it raises.
        """
        found = await self._read(session)
        template = found["spec"]["jobTemplate"]
        given = template.get("metadata") or {}
        owner = {
            "apiVersion": jobs.API_VERSION,
            "kind": "CronJob",
            "name": found["metadata"]["name"],
            "uid": found["metadata"]["uid"],
            "controller": True,
        }
        added = {
            "annotations": {**_BY_HAND, **(given.get("annotations") or {})},
            "labels": given.get("labels") or {},
            "ownerReferences": [owner],
        }
        return _job({**metadata, **added}, template.get("spec") or {})

    async def _read(self, session: Session) -> dict[str, Any]:
        from protocube.manifests import encode
        from protocube_client.cli import absence, targets

        query = targets.Query(selects=False, kinds_alone=False, all_namespaces=False)
        found = await targets.find((self.source,), session.kinds, query)
        (named,) = found.named
        namespace = session.namespace_for(named.resource)
        async with absence.explained(session, namespace):
            message = await session.client.get(
                named.resource.message_class, named.name, namespace=namespace
            )
        if (named.resource.group, named.resource.kind) != ("batch", "CronJob"):
            raise CommandError("from must be an existing cronjob")
        return encode.data(message)


def _job(metadata: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": jobs.API_VERSION, "kind": "Job", "metadata": metadata, "spec": spec}


@click.pass_obj
def _create(app: App, /, *, image: str, source: str, **flags: Any) -> None:
    command = flags["arguments"][1:]
    created = generation.take(flags)
    options = JobOptions(image=image, source=source, command=command)
    options.validate()
    if source:
        created.run_asking(app, options.of_cron_job, complaint=_COMPLAINT)
    else:
        created.run(app, options.of_image, complaint=_COMPLAINT)


COMMAND = Command(
    "job",
    callback=_create,
    usage="NAME (--image=IMAGE | --from=cronjob/NAME) [flags] [-- COMMAND ARGUMENT...]",
    help="Create a Job that runs an image once, or what a CronJob runs.",
    examples="""
# Create a Job that runs an image
cubectl create job once --image=busybox

# Create one with a command of its own
cubectl create job once --image=busybox -- date

# Run a CronJob now
cubectl create job backup-now --from=cronjob/backup
""",
    params=[
        jobs.image_flag(needed=False),
        Flag(
            ["--from", "source"],
            default="",
            metavar="CRONJOB",
            help="The CronJob whose template to take: cronjob/NAME.",
            source="kinds",
        ),
        *generation.flags(),
    ],
)
