"""What ``cubectl delete`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import deleting, parallel
from protocube_client.cli.flags.pflag import FALSE, TRUE

if TYPE_CHECKING:
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.dry_run import DryRun
    from protocube_client.cli.session import Session
    from protocube_client.options import Propagation

_CASCADES: dict[str, Propagation] = {
    "background": "background",
    "foreground": "foreground",
    "orphan": "orphan",
    # kubectl's flag was a boolean once.
    **dict.fromkeys(TRUE, "background"),
    **dict.fromkeys(FALSE, "orphan"),
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
    ignore_store_read_error: bool
    now: bool
    dry_run: DryRun
    wait: bool
    timeout: float
    output: str
    interactive: bool
    parallel: int
    atomic: bool

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
        deleting.check_cascade(self.cascade, _CASCADES)
        if self.now and self.grace_period != -1:
            raise CommandError("--now and --grace-period cannot be specified together")
        if self.every and (self.selector.strip() or self.field_selector.strip()):
            # The space at the end is kubectl's.
            raise CommandError("setting 'all' parameter but found a non empty selector. ")
        parallel.check(self.parallel)

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
            session.streams.note(_FORCED)
