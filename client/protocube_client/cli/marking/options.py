"""What ``cubectl label`` or ``cubectl annotate`` was asked for."""

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
    from protocube_client.cli.marking.changes import Changes
    from protocube_client.cli.objects import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkOptions:
    """Which objects to change, and how."""

    arguments: tuple[str, ...]
    """Those that name objects."""
    changes: Changes
    files: Files
    every: bool
    all_namespaces: bool
    selector: str
    field_selector: str
    list: bool
    local: bool
    overwrite: bool
    resource_version: str
    dry_run: DryRun
    field_manager: str
    format: Format

    @property
    def computed_here(self) -> bool:
        """Nothing is sent to change an object."""
        return self.local or self.list or self.dry_run is DryRun.CLIENT

    @property
    def choice(self) -> Choice:
        """Which objects are meant."""
        # Help is shown without what this imports.
        from protocube_client.cli.objects import Choice

        return Choice(
            arguments=self.arguments,
            files=self.files,
            every=self.every,
            all_namespaces=self.all_namespaces,
            selector=self.selector,
            field_selector=self.field_selector,
            local=self.local,
            latest=True,
        )

    def validate(self, what: str) -> None:
        """Raise :class:`CommandError` for what cannot be done to a ``label``, say."""
        if self.list and self.format.name:
            raise CommandError("--list and --output may not be specified together")
        if self.every and self.selector:
            raise CommandError("cannot set --all and --selector at the same time")
        if self.every and self.field_selector:
            raise CommandError("cannot set --all and --field-selector at the same time")
        if self.local:
            self._validate_local("pod" if what == "label" else "rsrc")
        elif not self.arguments and not self.files:
            raise CommandError(
                "one or more resources must be specified as <resource> <name> or <resource>/<name>"
            )
        if not self.changes and not self.list:
            raise CommandError(f"at least one {what} update is required")

    def _validate_local(self, stem: str) -> None:
        """Raise :class:`CommandError`; ``stem`` is what kubectl calls its files there."""
        usage = f"-f {stem}.yaml or --filename={stem}.json"
        if self.dry_run is DryRun.SERVER:
            raise CommandError(
                "cannot specify --local and --dry-run=server - did you mean --dry-run=client?"
            )
        if self.arguments:
            raise CommandError(f"can only use local files by {usage} when --local=true is set")
        if not self.files:
            raise CommandError(f"one or more files must be specified as {usage}")


def take(given: dict[str, Any], *, arguments: Sequence[str], changes: Changes) -> MarkOptions:
    """Return the options of what click gave a callback for the flags of :func:`flags`."""
    return MarkOptions(
        arguments=tuple(arguments),
        changes=changes,
        files=files.take(given),
        every=given.pop("all"),
        dry_run=DryRun.parse(given.pop("dry_run")),
        format=output.take(given).format(tables=False),
        **given,
    )


def flags(verb: str, what: str) -> list[Flag]:
    """Return the flags of a command that does ``verb`` to objects, by their ``what``."""
    return [
        *files.flags(verb),
        selecting.every(verb),
        selecting.all_namespaces(),
        selecting.labels(),
        selecting.fields(),
        Switch(["--overwrite"], help=f"Let {what} that exist get other values."),
        Switch(["--list"], help=f"Show the {what} that the objects have then, and send nothing."),
        writing.resource_version(),
        Switch(["--local"], help="Change the objects in files and ask no server."),
        dry_run.flag(),
        writing.field_manager(f"kubectl-{verb}"),
        *output.flags(tables=False),
        writing.record(),
    ]
