"""``cubectl delete``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import dry_run, files
from protocube_client.cli import parallel as parallel_flag
from protocube_client.cli.command import Command
from protocube_client.cli.dry_run import DryRun
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.files import Files
    from protocube_client.cli.session import Session
    from protocube_client.options import Propagation

_CASCADES: dict[str, Propagation] = {
    "background": "background",
    "true": "background",
    "foreground": "foreground",
    "orphan": "orphan",
    "false": "orphan",
}
_NOTHING_NAMED = """You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'"""
_FORCED = (
    "Immediate deletion does not wait for confirmation that the running resource has been "
    "terminated. The resource may continue to run on the cluster indefinitely."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteOptions:
    """What to delete, and how."""

    arguments: tuple[str, ...]
    files: Files
    every: bool
    all_namespaces: bool
    selector: str
    field_selector: str
    ignore_not_found: bool
    cascade: str
    grace_period: int
    force: bool
    now: bool
    dry_run: DryRun
    wait: bool
    timeout: float
    output: str
    parallel: int

    @property
    def propagation(self) -> Propagation:
        """What becomes of dependents."""
        return _CASCADES[self.cascade]

    @property
    def selects(self) -> bool:
        """Objects are chosen and not named."""
        return bool(self.every or self.selector or self.field_selector)

    @property
    def grace_seconds(self) -> int | None:
        """The seconds that each object is given; ``None`` for as many as it asks for."""
        if self.force:
            return 0
        if self.now or self.grace_period == 0:
            # Only --force deletes at once.
            return 1
        return self.grace_period if self.grace_period > 0 else None

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if self.cascade not in _CASCADES:
            raise CommandError(
                f"invalid cascade value ({self.cascade}). "
                'Must be "background", "foreground", or "orphan"'
            )
        if not self.arguments and not self.files:
            raise CommandError(_NOTHING_NAMED)
        if self.every and (self.selector or self.field_selector):
            # The space at the end is kubectl's.
            raise CommandError("setting 'all' parameter but found a non empty selector. ")
        if self.now and self.grace_period != -1:
            raise CommandError("--now and --grace-period cannot be specified together")
        if self.force and self.grace_period > 0:
            raise CommandError(
                "--force and --grace-period greater than 0 cannot be specified together"
            )
        if self.output not in ("", "name"):
            raise CommandError(
                f"unexpected -o output mode: {self.output}. We only support '-o name'"
            )
        parallel_flag.check(self.parallel)

    async def run(self, session: Session) -> None:
        """Delete the objects; raises all errors together after the last one."""
        from protocube_client.cli import targets
        from protocube_client.cli.deletion import Deletion

        if self.force and self.dry_run is not DryRun.CLIENT:
            session.streams.warn(_FORCED)
        deletion = Deletion(self, session)
        if self.files:
            await deletion.of_files()
        else:
            await deletion.of_targets(targets.of(self.arguments, session.catalog))
        if not deletion.found:
            session.streams.out.write("No resources found\n")
        await deletion.wait()


@click.pass_obj
def _delete(app: App, /, **given: Any) -> None:
    from protocube_client.cli import settings

    flags = dict(given)
    every = flags.pop("all")
    ignore = flags.pop("ignore_not_found")
    options = DeleteOptions(
        files=files.of(
            flags.pop("filename"), flags.pop("kustomize"), recursive=flags.pop("recursive")
        ),
        every=every,
        # What --all found may be gone a moment later; nobody asked for it by name.
        ignore_not_found=every if ignore is None else ignore,
        dry_run=DryRun.parse(flags.pop("dry_run")),
        timeout=settings.duration(flags.pop("timeout")),
        **flags,
    )
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "delete",
    callback=_delete,
    usage="(KIND NAME... | KIND/NAME... | KIND (-l LABELS | --all) | -f FILE) [flags]",
    help="Delete objects by file, by name or by selector.",
    examples="""
# Delete the objects that a file names
cubectl delete -f pod.yaml

# Delete two pods
cubectl delete pod web api

# Delete objects by kind and name
cubectl delete pod/web configmap/web

# Delete the pods with a label
cubectl delete pods -l app=web

# Delete all ConfigMaps of the namespace
cubectl delete configmaps --all
""",
    params=[
        *files.flags("delete"),
        Switch(["--all"], help="Delete all objects of the kind in the namespace."),
        Switch(["-A", "--all-namespaces"], help="Choose among the objects of all namespaces."),
        Flag(["-l", "--selector"], default="", metavar="LABELS", help="Only objects with these."),
        Flag(["--field-selector"], default="", metavar="FIELDS", help="Only objects with these."),
        Switch(
            ["--ignore-not-found"], default=None, help="An object that does not exist is no error."
        ),
        Flag(
            ["--cascade"],
            bare="background",
            default="background",
            metavar="HOW",
            help="What becomes of dependents: background, foreground or orphan.",
        ),
        Flag(
            ["--grace-period"],
            type=click.INT,
            default=-1,
            metavar="SECONDS",
            help="The time each object is given; its own when negative.",
        ),
        Switch(["--force"], help="Delete at once."),
        Switch(["--now"], help="Give each object one second."),
        dry_run.flag(),
        Switch(["--wait"], default=True, help="Wait until objects with finalizers have gone."),
        Flag(
            ["--timeout"],
            default="0",
            metavar="DURATION",
            help="How long to wait for that; 0 for any time.",
        ),
        Flag(["-o", "--output"], default="", metavar="FORMAT", help="name."),
        parallel_flag.flag(),
    ],
)
