"""What ``cubectl diff`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube_client.cli import files
from protocube_client.cli.failures import misuse
from protocube_client.cli.flags import applying

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_client.cli.files import Files
    from protocube_client.resource.helper import Helper
    from protocube_client.resource.info import Info


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffOptions:
    """What to compare, and how to show it."""

    arguments: tuple[str, ...]
    files: Files
    selector: str
    prune: bool
    prune_allowlist: tuple[str, ...]
    server_side: bool
    force_conflicts: bool
    field_manager: str | None
    show_managed_fields: bool
    concurrency: int
    environ: Mapping[str, str]
    """Where the program that compares is named, and whether colours are wanted."""

    def validate(self, path: str) -> None:
        """Raise :class:`CommandError` for what cannot be done.

        ``path`` names the command to :class:`UsageError`, which is raised for arguments.
        """
        if self.arguments:
            raise misuse(f"Unexpected args: [{' '.join(self.arguments)}]", path)
        files.require(self.files)
        applying.check_sides(server_side=self.server_side, force_conflicts=self.force_conflicts)

    def helper(self, info: Info) -> Helper:
        """Return what reads objects of the kind of ``info``, and writes them without effect."""
        # Help is shown without what this imports.
        from protocube_client.resource.helper import Helper
        from protocube_client.resource.validation import Validation

        if info.client is None:
            raise ValueError("the walk has no connection to ask")
        return Helper(
            info.client,
            info.mapping,
            dry_run=True,
            field_manager=applying.manager(self.field_manager, server_side=self.server_side),
            validation=Validation.WARN,
            managed_fields=self.show_managed_fields,
        )
