"""What ``cubectl events`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_client.cli import targets
from protocube_client.cli.failures import CommandError, misuse

if TYPE_CHECKING:
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session

_TYPES = frozenset({"normal", "warning"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsOptions:
    """Which events to show, and how."""

    arguments: tuple[str, ...]
    all_namespaces: bool
    chunk_size: int
    about: str
    """``KIND/NAME`` of the object that they are about; empty for any."""
    types: tuple[str, ...]
    watch: bool
    no_headers: bool
    format: Format

    def validate(self) -> None:
        """Raise :class:`CommandError` or :class:`UsageError` for what cannot be done."""
        if self.arguments:
            raise misuse(f"unexpected arguments: [{' '.join(self.arguments)}]", "cubectl events")
        if self.about and "/" not in self.about:
            raise CommandError("--for must be in resource/name form")
        if self.about.count("/") > 1:
            raise CommandError("arguments in resource/name form may not have more than one slash")
        if any(word.lower() not in _TYPES for word in self.types):
            raise CommandError("valid --types are Normal or Warning")

    def shows(self, event: Any) -> bool:
        """Tell whether an event is of a type that is asked for."""
        return not self.types or event.type.lower() in {word.lower() for word in self.types}

    async def selector(self, session: Session) -> str:
        """Return the field selector of the events; empty for all.

        Raises :class:`UsageError` for a kind that is not known.
        """
        if not self.about:
            return ""
        word, _, name = self.about.partition("/")
        resource = await session.kinds.find(word) or targets.kind(word, session.catalog)
        return (
            f"involvedObject.kind={resource.kind},"
            f"involvedObject.apiVersion={resource.api_version},involvedObject.name={name}"
        )
