"""What ``cubectl describe`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube_client.cli import targets
from protocube_client.cli.failures import CommandError
from protocube_client.cli.objects import Choice

if TYPE_CHECKING:
    from protocube_client.cli.files import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeOptions:
    """Which objects to describe."""

    arguments: tuple[str, ...]
    files: Files
    all_namespaces: bool
    selector: str
    show_events: bool
    chunk_size: int

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if not self.arguments and not self.files:
            raise CommandError(
                f"You must specify the type of resource to describe. {targets.KINDS_ADVICE}"
            )

    @property
    def choice(self) -> Choice:
        """The objects that are meant."""
        return Choice(
            arguments=self.arguments,
            files=self.files,
            every=True,
            all_namespaces=self.all_namespaces,
            selector=self.selector,
            latest=True,
        )
