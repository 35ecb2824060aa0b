"""What ``cubectl replace`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from protocube_client.cli import files
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import deleting, parallel
from protocube_client.cli.flags.dry_run import DryRun

if TYPE_CHECKING:
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session
    from protocube_client.cli.written import Send, Writing
    from protocube_client.options import Propagation
    from protocube_client.resource.validation import Validation

_LONGEST_SECONDS = 300.0
"""So long is waited for the end of an object unless a timeout is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceOptions:
    """What to replace, and how."""

    arguments: tuple[str, ...]
    files: Files
    force: bool
    cascade: str
    grace_period: int
    timeout: float
    subresource: str
    dry_run: DryRun
    validation: Validation
    field_manager: str
    save_config: bool
    format: Format
    parallel: int
    atomic: bool

    @property
    def propagation(self) -> Propagation:
        """What becomes of the dependents of what is deleted."""
        return cast("Propagation", self.cascade)

    @property
    def grace_seconds(self) -> int | None:
        """The seconds that each object is given; ``None`` for as many as it asks for."""
        # No object is deleted at once, as in kubectl: it is waited for.
        return max(self.grace_period, 1) if self.grace_period >= 0 else None

    @property
    def longest_seconds(self) -> float:
        """How long to wait for the end of an object."""
        return self.timeout or _LONGEST_SECONDS

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        files.require(self.files)
        if self.arguments:
            raise CommandError(f"Unexpected args: [{' '.join(self.arguments)}]")
        if self.force and self.atomic:
            raise CommandError("--atomic contradicts --force, which deletes before it creates")
        if self.grace_period >= 0 and not self.force:
            raise CommandError("--grace-period must have --force specified")
        if self.timeout and not self.force:
            raise CommandError("--timeout must have --force specified")
        if self.force and self.dry_run is not DryRun.NONE:
            raise CommandError("--dry-run can not be used when --force is set")
        deleting.check_cascade(self.cascade, deleting.CASCADES)
        if self.subresource not in ("", "status"):
            raise CommandError(f"the subresource {self.subresource} cannot be replaced")
        parallel.check(self.parallel)

    def writing(self, send: Send, session: Session) -> Writing:
        """Return what ``send``s each object and tells of it as one that was replaced."""
        # Help is shown without what this imports.
        from protocube_client.cli import results
        from protocube_client.cli.written import Writing

        return Writing(
            send,
            session,
            printer=results.printer(self.format, f"replaced{self.dry_run.suffix}"),
            dry_run=self.dry_run,
            save_config=self.save_config,
        )
