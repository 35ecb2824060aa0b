"""``cubectl delete``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import dry_run, durations, files, flags
from protocube_client.cli import parallel as parallel_flag
from protocube_client.cli.command import Command
from protocube_client.cli.dry_run import DryRun
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import RAW, Duration, Flag, Switch, Unsupported

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.files import Files
    from protocube_client.cli.session import Session
    from protocube_client.options import Propagation

_CASCADES: dict[str, Propagation] = {
    "background": "background",
    "foreground": "foreground",
    "orphan": "orphan",
    # kubectl's flag was a boolean once.
    **dict.fromkeys(flags.TRUE, "background"),
    **dict.fromkeys(flags.FALSE, "orphan"),
}
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
    interactive: bool
    parallel: int

    @property
    def propagation(self) -> Propagation:
        """What becomes of dependents."""
        return _CASCADES[self.cascade]

    @property
    def selects(self) -> bool:
        """Objects are chosen and not named."""
        return bool(self.every or self.selector.strip() or self.field_selector.strip())

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
        if self.now and self.grace_period != -1:
            raise CommandError("--now and --grace-period cannot be specified together")
        if self.every and (self.selector.strip() or self.field_selector.strip()):
            # The space at the end is kubectl's.
            raise CommandError("setting 'all' parameter but found a non empty selector. ")
        parallel_flag.check(self.parallel)

    def check_found(self, session: Session) -> None:
        """Raise :class:`CommandError` for what cannot be done to what was found; warn.

        kubectl looks at these when it knows that there is something to delete.
        """
        if self.output not in ("", "name"):
            raise CommandError(
                f"unexpected -o output mode: {self.output}. We only support '-o name'"
            )
        if self.force and (self.now or self.grace_period > 0):
            raise CommandError(
                "--force and --grace-period greater than 0 cannot be specified together"
            )
        if self.force:
            session.streams.warn(_FORCED)

    async def run(self, session: Session) -> None:
        """Delete the objects; raises all errors together after the last one."""
        from protocube_client.cli import targets
        from protocube_client.cli.deletion import Deletion

        deletion = Deletion(self, session)
        if self.files:
            await deletion.of_files()
        else:
            query = targets.Query(
                selects=self.selects, kinds_alone=False, all_namespaces=self.all_namespaces
            )
            found = await targets.find(self.arguments, session.kinds, query)
            self.check_found(session)
            await deletion.of_targets(found)
        if deletion.cancelled:
            session.streams.out.write("deletion is cancelled\n")
        elif not deletion.found:
            session.streams.out.write("No resources found\n")
        await deletion.wait()


@click.pass_obj
def _delete(app: App, /, **given: Any) -> None:
    every = given.pop("all")
    ignore = given.pop("ignore_not_found")
    chooses = bool(every or given["selector"] or given["field_selector"])
    options = DeleteOptions(
        files=files.of(
            given.pop("filename"), given.pop("kustomize"), recursive=given.pop("recursive")
        ),
        every=every,
        # What was chosen may be gone a moment later; nobody asked for it by name.
        ignore_not_found=chooses if ignore is None else ignore,
        dry_run=DryRun.parse(given.pop("dry_run")),
        timeout=durations.seconds(given.pop("timeout")),
        **given,
    )
    options.validate()
    if options.cascade in flags.TRUE | flags.FALSE:
        app.streams.err.write(
            f"warning: --cascade={options.cascade} is deprecated (boolean value) "
            f"and can be replaced with --cascade={options.propagation}.\n"
        )
    app.run(app.settings(), options.run)


COMMAND = Command(
    "delete",
    callback=_delete,
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

# Delete all ConfigMaps of the namespace, after a look at them
cubectl delete configmaps --all --interactive
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
            values=("background", "foreground", "orphan"),
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
        Unsupported("--raw", RAW),
    ],
)
