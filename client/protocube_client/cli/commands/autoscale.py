"""``cubectl autoscale``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files, making
from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import dry_run, integers, output, writing
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.files import Files
    from protocube_client.cli.making import Making
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoscaleOptions:
    """What to scale, and within which bounds."""

    arguments: tuple[str, ...]
    files: Files
    name: str
    """The autoscaler's; the scaled object's when it is empty."""
    min: int
    max: int
    cpu_percent: int
    making: Making

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if self.max < 1:
            raise CommandError(f"--max=MAXPODS is required and must be at least 1, max: {self.max}")
        if self.max < self.min:
            raise CommandError(
                "--max=MAXPODS must be larger or equal to --min=MINPODS, "
                f"max: {self.max}, min: {self.min}"
            )

    async def run(self, session: Session) -> None:
        """Create the autoscalers; raises all errors together after the last one."""
        from protocube_client.cli import objects

        client_side = self.making.dry_run is DryRun.CLIENT
        printer = self.making.printer("created" if client_side else "autoscaled")
        count = 0

        async def visit(chosen: Chosen) -> None:
            nonlocal count
            shown = await self.making.make(session, self._manifest(chosen))
            count += 1
            printer.print([shown], session.streams.out)

        choice = objects.Choice(arguments=self.arguments, files=self.files)
        found = await objects.find(choice, session)
        await found.visit(visit)
        if not count:
            raise CommandError("no objects passed to autoscale")

    def _manifest(self, chosen: Chosen) -> dict[str, Any]:
        # Help is shown without what this imports.
        from protocube.api.v1 import resource_pb2

        resource = chosen.resource
        if resource_pb2.SUBRESOURCE_SCALE not in resource.subresources:
            raise CommandError(
                f"cannot autoscale a {resource.kind}: could not find scale subresource for "
                f"{resource.group_version_resource} in discovery information"
            )
        target = {
            "apiVersion": resource.api_version,
            "kind": resource.kind,
            "name": chosen.name,
        }
        spec: dict[str, Any] = {"maxReplicas": self.max, "scaleTargetRef": target}
        if self.min > 0:
            spec["minReplicas"] = self.min
        if self.cpu_percent >= 0:
            spec["targetCPUUtilizationPercentage"] = self.cpu_percent
        return {
            "apiVersion": "autoscaling/v1",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": self.name or chosen.name},
            "spec": spec,
        }


@click.pass_obj
def _autoscale(app: App, /, **given: Any) -> None:
    from protocube_client.resource.validation import Validation

    options = AutoscaleOptions(
        files=files.take(given),
        making=making.take(given, validation=Validation.STRICT),
        **given,
    )
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "autoscale",
    callback=_autoscale,
    usage="(KIND NAME... | KIND/NAME... | -f FILE) --max=COUNT [flags]",
    help="Create autoscalers: objects that tell a controller between which numbers of replicas "
    "it may scale others.",
    completes=("kinds", "names"),
    examples="""
# Let a Deployment have two to ten replicas
cubectl autoscale deployment web --min=2 --max=10

# As many as keep the processors' use at 80 percent
cubectl autoscale deployment web --max=5 --cpu-percent=80
""",
    params=[
        Flag(
            ["--min"],
            type=integers.INT32,
            default=-1,
            metavar="COUNT",
            help="The least number of replicas; the server's own when negative.",
        ),
        Flag(
            ["--max"],
            type=integers.INT32,
            needed=True,
            metavar="COUNT",
            help="The greatest number of replicas.",
        ),
        Flag(
            ["--cpu-percent"],
            type=integers.INT32,
            default=-1,
            metavar="PERCENT",
            help="The use of processors to aim at, in percent of what pods request.",
        ),
        Flag(["--name"], default="", metavar="NAME", help="The name of the autoscaler."),
        *files.flags("scale"),
        dry_run.flag(),
        writing.field_manager("kubectl-autoscale"),
        writing.save_config(),
        *output.flags(tables=False),
        writing.record(),
    ],
)
