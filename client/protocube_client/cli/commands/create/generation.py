"""What every generator does with the object it made: shows it or has it created."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_client.cli import making
from protocube_client.cli.commands.create import naming
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import dry_run, output, writing

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.flags.pflag import Flag
    from protocube_client.cli.making import Making
    from protocube_client.cli.session import Session
    from protocube_client.cli.settings.settings import Settings

Make = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes the manifest of an object out of its metadata. Raises ``CommandError``."""
AskingMake = Callable[[dict[str, Any], "Session"], Awaitable[dict[str, Any]]]
"""Does so with the kinds and the objects of the server at hand."""


def flags() -> list[Flag]:
    """Return the flags that every generator takes."""
    return [
        dry_run.flag(),
        *output.flags(tables=False),
        writing.save_config(),
        writing.field_manager("kubectl-create"),
        writing.validate(),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """How an object is created and shown."""

    name: str
    making: Making

    def run(self, app: App, make: Make, *, complaint: str = "") -> None:
        """Create what ``make`` makes; the server's refusal is told behind ``complaint``."""
        settings = app.settings()
        manifest = make(self._metadata(settings))
        app.run(settings, lambda session: self._create(session, manifest, complaint))

    def run_asking(self, app: App, make: AskingMake, *, complaint: str = "") -> None:
        """Create what ``make`` makes with a session at hand, as :meth:`run` does."""
        settings = app.settings()

        async def work(session: Session) -> None:
            manifest = await make(self._metadata(settings), session)
            await self._create(session, manifest, complaint)

        app.run(settings, work)

    async def _create(self, session: Session, manifest: dict[str, Any], complaint: str) -> None:
        shown = await self.making.make(session, manifest, complaint=complaint)
        self.making.printer("created").print([shown], session.streams.out)

    def _metadata(self, settings: Settings) -> dict[str, Any]:
        metadata: dict[str, Any] = {"name": self.name}
        if settings.namespace_given:
            metadata["namespace"] = settings.namespace
        return metadata


def take(flags: dict[str, Any]) -> Generation:
    """Take the flags of :func:`flags` and the name out of what click gave a callback.

    Raises :class:`CommandError` or :class:`UsageError` for what cannot be done.
    """
    from protocube_client.resource.validation import Validation

    generation = Generation(
        name=naming.take(flags),
        making=making.take(flags, validation=Validation.parse(flags.pop("validate"))),
    )
    if not generation.name:
        raise CommandError("name must be specified")
    return generation
