"""What ``cubectl scale`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.dry_run import DryRun
    from protocube_client.cli.flags.output import Format


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleOptions:
    """Which objects get how many replicas, and when."""

    arguments: tuple[str, ...]
    files: Files
    every: bool
    selector: str
    replicas: int
    current_replicas: int
    """The number that there must be; -1 for any."""
    resource_version: str
    """The version that the object must have; empty for any."""
    timeout: float
    """Seconds to wait for the replicas; 0 for no waiting."""
    dry_run: DryRun
    format: Format

    @property
    def has_conditions(self) -> bool:
        """Tell whether the Scale must be read before it is written."""
        return self.current_replicas != -1 or bool(self.resource_version)

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if self.replicas < 0:
            raise CommandError(
                "The --replicas=COUNT flag is required, "
                "and COUNT must be greater than or equal to 0"
            )
        if self.current_replicas < -1:
            raise CommandError("The --current-replicas must specify an integer of -1 or greater")
