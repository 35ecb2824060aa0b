"""What ``cubectl get`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube_client.cli import targets
from protocube_client.cli.failures import CommandError, UsageError

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.output import Format, OutputFlags
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class GetOptions:
    """What to show, and how."""

    arguments: tuple[str, ...]
    files: Files
    all_namespaces: bool
    selector: str
    field_selector: str
    chunk_size: int
    output: OutputFlags
    no_headers: bool
    label_columns: tuple[str, ...]
    show_labels: bool
    show_kind: bool
    sort_by: str
    ignore_not_found: bool
    watch: bool
    watch_only: bool
    output_watch_events: bool
    subresource: str
    at_revision: str

    @property
    def selects(self) -> bool:
        """There is a selector."""
        return bool(self.selector.strip() or self.field_selector.strip())

    @property
    def page_size(self) -> int:
        """How many objects to ask for at a time; 0 for as many as fit."""
        return 0 if self.sort_by else max(self.chunk_size, 0)

    def validate(self) -> Format:
        """Return the form of output.

        Raises :class:`CommandError` or :class:`UsageError` for what cannot be done.
        """
        watches = self.watch or self.watch_only
        if not self.arguments and not self.files and not watches:
            raise UsageError(
                f"You must specify the type of resource to get. {targets.KINDS_ADVICE}",
                "",
                "error: Required resource not specified.",
                'Use "cubectl explain <resource>" for a detailed description of that resource '
                "(e.g. cubectl explain pods).",
                "See 'cubectl get -h' for help and examples",
            )
        if self.show_labels and self.output.output not in ("", "wide"):
            raise CommandError(
                f"--show-labels option cannot be used with {self.output.output} printer"
            )
        if self.output_watch_events and not watches:
            raise CommandError(
                "--output-watch-events option can only be used with --watch or --watch-only"
            )
        if self.at_revision and watches:
            raise CommandError("--at-revision cannot be used with --watch or --watch-only")
        return self.output.format(tables=True, headers=not self.no_headers)

    def namespace(self, resource: Resource, session: Session) -> str:
        """Return the namespace to look in; empty for all, or for a kind that lives in none."""
        return session.namespace_for(resource, everywhere=self.all_namespaces)
