"""What ``cubectl apply`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from protocube_client.cli import files
from protocube_client.cli.failures import CommandError, misuse
from protocube_client.cli.flags import applying, deleting, parallel
from protocube_client.cli.flags.dry_run import DryRun

if TYPE_CHECKING:
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.output import Format
    from protocube_client.options import Propagation
    from protocube_client.resource.helper import Helper
    from protocube_client.resource.info import Info
    from protocube_client.resource.validation import Validation

_LONGEST_SECONDS = 300.0
"""So long is waited for the end of an object unless a timeout is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOptions:
    """What to apply, and how."""

    arguments: tuple[str, ...]
    files: Files
    selector: str
    every: bool
    prune: bool
    prune_allowlist: tuple[str, ...]
    applyset: str
    overwrite: bool
    server_side: bool
    force_conflicts: bool
    subresource: str
    field_manager: str | None
    force: bool
    cascade: str
    grace_period: int
    wait: bool
    timeout: float
    dry_run: DryRun
    validation: Validation
    format: Format
    parallel: int
    atomic: bool

    @property
    def manager(self) -> str:
        """Who is said to write the fields."""
        return applying.manager(self.field_manager, server_side=self.server_side)

    @property
    def propagation(self) -> Propagation:
        """What becomes of the dependents of what is deleted."""
        return cast("Propagation", self.cascade)

    @property
    def grace_seconds(self) -> int | None:
        """The seconds that a deleted object is given; ``None`` for as many as it asks for."""
        return self.grace_period if self.grace_period >= 0 else None

    @property
    def longest_seconds(self) -> float:
        """How long to wait for the end of an object."""
        return self.timeout or _LONGEST_SECONDS

    def validate(self, path: str) -> None:
        """Raise :class:`CommandError` for what cannot be done.

        ``path`` names the command to :class:`UsageError`, which is raised for arguments.
        """
        if self.arguments:
            raise misuse(f"Unexpected args: [{' '.join(self.arguments)}]", path)
        deleting.check_cascade(self.cascade, deleting.CASCADES)
        files.require(self.files)
        self._validate_side()
        if self.every and self.selector:
            raise CommandError("cannot set --all and --selector at the same time")
        if self.applyset and not self.prune:
            raise CommandError("--applyset requires --prune")
        if self.prune:
            self._validate_prune()
        if self.atomic and (self.force or self.prune):
            other = "--force" if self.force else "--prune"
            raise CommandError(f"--atomic contradicts {other}, which deletes objects at its time")
        if self.subresource and not self.server_side:
            raise CommandError("--subresource can only be specified for --server-side")
        if self.subresource not in ("", "status", "scale"):
            raise CommandError(f"the subresource {self.subresource} cannot be applied")
        parallel.check(self.parallel)

    def _validate_side(self) -> None:
        applying.check_sides(server_side=self.server_side, force_conflicts=self.force_conflicts)
        if self.server_side and self.dry_run is DryRun.CLIENT:
            raise CommandError(
                "--dry-run=client doesn't work with --server-side "
                "(did you mean --dry-run=server instead?)"
            )
        if self.server_side and self.force:
            raise CommandError("--force cannot be used with --server-side")
        if self.force and self.dry_run is DryRun.SERVER:
            raise CommandError("--dry-run=server cannot be used with --force")

    def _validate_prune(self) -> None:
        if self.force:
            raise CommandError("--force cannot be used with --prune")
        if self.applyset:
            for flag, given in (
                ("--all", self.every),
                ("--selector", self.selector),
                ("--prune-allowlist", self.prune_allowlist),
            ):
                if given:
                    raise CommandError(f"{flag} is incompatible with --applyset")
            return
        if not self.every and not self.selector:
            raise CommandError(
                "all resources selected for prune without explicitly passing --all. To prune all "
                "resources, pass the --all flag. If you did not mean to prune all resources, "
                "specify a label selector"
            )
        if self.server_side:
            raise CommandError(
                "--prune is in alpha and doesn't currently work on objects created by "
                "server-side apply"
            )

    def helper(self, info: Info, *, manager: str = "", managed_fields: bool = False) -> Helper:
        """Return what reads and writes objects of the kind of ``info``.

        ``manager`` is who writes, the options' one unless given. With ``managed_fields``
        answers say who owns which field; they do so where that is to be shown.
        """
        # Help is shown without what this imports.
        from protocube_client.resource.helper import Helper

        if info.client is None:
            raise ValueError("the walk has no connection to apply with")
        return Helper(
            info.client,
            info.mapping,
            dry_run=self.dry_run is DryRun.SERVER,
            field_manager=manager or self.manager,
            validation=self.validation,
            managed_fields=managed_fields or self.format.managed_fields,
        )
