"""Which workloads a command of ``cubectl rollout`` means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_client.cli import files
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import selecting

if TYPE_CHECKING:
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.pflag import Flag
    from protocube_client.cli.objects import Choice
    from protocube_client.cli.session import Session

USAGE = "(KIND NAME... | KIND/NAME... | KIND [-l LABELS] | -f FILE) [flags]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workloads:
    """Workloads by name, by kind, by labels or out of files."""

    arguments: tuple[str, ...]
    files: Files
    selector: str

    @property
    def choice(self) -> Choice:
        """The objects, as the server has them."""
        # Help is shown without what this imports.
        from protocube_client.cli.objects import Choice

        return Choice(
            arguments=self.arguments,
            files=self.files,
            every=True,
            selector=self.selector,
            latest=True,
        )


def flags(verb: str) -> list[Flag]:
    """Return the flags of a command that does ``verb`` to workloads."""
    return [*files.flags(verb), selecting.labels("app=web")]


def take(given: dict[str, Any]) -> Workloads:
    """Take what was chosen out of what click gave a callback.

    Raises :class:`CommandError` when nothing was.
    """
    found = Workloads(
        arguments=given.pop("arguments"),
        files=files.take(given),
        selector=given.pop("selector"),
    )
    if not found.arguments and not found.files:
        raise CommandError("required resource not specified")
    return found


def tell_of_none(session: Session) -> None:
    """Say on standard error that nothing was found."""
    namespace = session.settings.namespace
    session.streams.err.write(f"No resources found in {namespace} namespace.\n")
