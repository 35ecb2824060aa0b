"""What every command of ``cubectl set`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_client.cli import files
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import dry_run, output, selecting, writing
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import Switch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.flags.pflag import Flag
    from protocube_client.cli.objects import Choice

USAGE = "(KIND NAME... | KIND/NAME... | KIND --all | -f FILE)"
_LOCAL_ONLY = """you must specify resources by --filename when --local is set.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOptions:
    """Which objects to change, and how far."""

    arguments: tuple[str, ...]
    """Those that name objects."""
    files: Files
    every: bool
    selector: str
    local: bool
    dry_run: DryRun
    field_manager: str
    format: Format
    resource_version: str = ""
    """The version that an object must have; empty for any."""

    @property
    def computed_here(self) -> bool:
        """Nothing is sent to change an object."""
        return self.local or self.dry_run is DryRun.CLIENT

    @property
    def choice(self) -> Choice:
        """Which objects are meant. Raises :class:`CommandError` for names of local ones."""
        # Help is shown without what this imports.
        from protocube_client.cli.objects import Choice

        if self.local and (self.arguments or not self.files):
            raise CommandError(_LOCAL_ONLY)
        return Choice(
            arguments=self.arguments,
            files=self.files,
            every=self.every,
            selector=self.selector,
            local=self.local,
            latest=True,
        )

    def faults(self) -> list[CommandError]:
        """Return what cannot be done with any kind of change."""
        found: list[CommandError] = []
        if self.every and self.selector:
            found.append(CommandError("cannot set --all and --selector at the same time"))
        if self.local and self.dry_run is DryRun.SERVER:
            found.append(
                CommandError(
                    "cannot specify --local and --dry-run=server - did you mean --dry-run=client?"
                )
            )
        return found


def flags(*, selector: bool = True, recursive: bool = False) -> list[Flag]:
    """Return the flags that :class:`SetOptions` is made of, with ``--selector`` or without."""
    return [
        *files.flags("change", recursive=recursive),
        selecting.every("change"),
        *([selecting.labels("app=web")] if selector else []),
        Switch(["--local"], help="Change the objects in files and ask no server."),
        dry_run.flag(),
        writing.field_manager("kubectl-set"),
        *output.flags(tables=False),
    ]


def take(given: dict[str, Any], *, arguments: Sequence[str]) -> SetOptions:
    """Take the flags of :func:`flags` out of what click gave a callback."""
    return SetOptions(
        arguments=tuple(arguments),
        files=files.take(given),
        every=given.pop("all"),
        selector=given.pop("selector", ""),
        local=given.pop("local"),
        dry_run=DryRun.parse(given.pop("dry_run")),
        field_manager=given.pop("field_manager"),
        format=output.take(given).format(tables=False),
        resource_version=given.pop("resource_version", ""),
    )
