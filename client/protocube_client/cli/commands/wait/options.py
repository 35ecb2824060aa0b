"""What ``cubectl wait`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube_client.cli.commands.wait import conditions
from protocube_client.cli.objects import Choice

if TYPE_CHECKING:
    from protocube_client.cli.commands.wait.conditions import Condition
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.output import Format

_WEEK = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOptions:
    """Which objects to wait for, for what, and how long."""

    arguments: tuple[str, ...]
    files: Files
    every: bool
    all_namespaces: bool
    selector: str
    field_selector: str
    condition: Condition | str
    """What is awaited: a condition, ``create`` or ``delete``."""
    timeout: float
    """Seconds; 0 for one look, and less for a week."""
    format: Format

    @property
    def limit(self) -> float:
        """The seconds to wait, at most."""
        return _WEEK if self.timeout < 0 else self.timeout

    @property
    def choice(self) -> Choice:
        """The objects that are meant."""
        return Choice(
            arguments=self.arguments,
            files=self.files,
            every=self.every,
            all_namespaces=self.all_namespaces,
            selector=self.selector,
            field_selector=self.field_selector,
            latest=True,
            missing_ignored=self.condition == conditions.DELETE,
        )
