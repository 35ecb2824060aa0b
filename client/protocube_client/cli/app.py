"""One run of the command line: its streams, what was set, and the way into asyncio."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from protocube_client.cli import failures
from protocube_client.cli.places.places import Places

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from protocube_client.cli.session import Session
    from protocube_client.cli.settings.settings import Settings
    from protocube_client.cli.streams import Streams

SEPARATOR: Final = "\0"
"""Stands between the values of a flag; no argument of a process can hold it."""


@dataclass(slots=True, kw_only=True)
class Ending:
    """How a run ends; the command that is called settles it."""

    failed: int = failures.FAILED
    """The exit code of a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What main makes and every command gets."""

    streams: Streams
    environ: Mapping[str, str]
    given: dict[str, str] = field(default_factory=dict)
    """The global flags that were given, by name; filled while the command line is read.

    Several values of one flag are joined by :data:`SEPARATOR`."""
    places: Places = field(default_factory=Places)
    """Where in their manifests the objects that failed are."""
    errors: list[Exception] = field(default_factory=list)
    """What went wrong so far in work that goes on all the same; an interrupt leaves it here."""

    ending: Ending = field(default_factory=Ending)

    def settings(self) -> Settings:
        """Put flags, environment and config file together. Raises ``CommandError``."""
        from protocube_client.cli.settings import settings

        return settings.complete(self.given, self.environ)

    def run(self, settings: Settings, work: Callable[[Session], Awaitable[None]]) -> None:
        """Run ``work`` in the one event loop of this process, with a connection."""
        import asyncio

        from protocube_client.cli import session

        asyncio.run(
            session.run(
                work,
                settings=settings,
                streams=self.streams,
                places=self.places,
                failed=self.errors,
            )
        )
