"""``cubectl get``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError, UsageError
from protocube_client.cli.flags import Flag, Switch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.catalog import Resource

    from protocube_client.cli.app import App
    from protocube_client.cli.files import Files
    from protocube_client.cli.session import Session
    from protocube_client.cli.targets import Named, Targets
    from protocube_client.printers.printable import Printable
    from protocube_client.resource.info import Info


@dataclass(frozen=True, slots=True, kw_only=True)
class GetOptions:
    """What to show, and how."""

    arguments: tuple[str, ...]
    files: Files
    all_namespaces: bool
    selector: str
    field_selector: str
    output: str
    no_headers: bool
    show_labels: bool
    ignore_not_found: bool
    watch: bool
    watch_only: bool
    output_watch_events: bool

    @property
    def is_table(self) -> bool:
        """Objects are shown as rows."""
        return self.output in ("", "wide")

    @property
    def selects(self) -> bool:
        """There is a selector."""
        return bool(self.selector or self.field_selector)

    def validate(self) -> None:
        """Raise :class:`CommandError` or :class:`UsageError` for what cannot be done."""
        from protocube_client.cli import output

        if not self.arguments and not self.files:
            raise UsageError(
                "You must specify the type of resource to get. "
                'Use "cubectl api-resources" for a complete list of supported resources.',
                "",
                "error: Required resource not specified.",
                "See 'cubectl get -h' for help and examples",
            )
        output.check(self.output, tables=True)
        if self.output_watch_events and not (self.watch or self.watch_only):
            raise UsageError(
                "error: --output-watch-events option can only be used with --watch or --watch-only",
                "See 'cubectl get -h' for help and examples",
            )

    async def run(self, session: Session) -> None:
        """Read the objects and print them; what could not be read is raised after that."""
        from protocube_client.cli import targets
        from protocube_client.resource import aggregate

        failed: list[Exception] = []
        if self.files:
            found = await self._from_files(session, failed)
        else:
            found = targets.of(self.arguments, session.catalog)
        self._check(found)
        if self.watch or self.watch_only:
            from protocube_client.cli import get_watch

            await get_watch.run(self, found, session)
            return
        shown: list[Printable] = []
        for named in found.named:
            shown += await self._one(named, session, failed)
        for resource in found.kinds:
            shown += await self._all(resource, session, failed)
        self._print(shown, found, session, failures=len(failed))
        aggregate.raise_all(failed)

    def namespace(self, resource: Resource, session: Session) -> str:
        """Give the namespace to look in; empty for all, or for a kind that lives in none."""
        if not resource.namespaced or self.all_namespaces:
            return ""
        return session.settings.namespace

    def _check(self, found: Targets) -> None:
        if found.named and self.selects and not self.files:
            raise CommandError("name cannot be provided when a selector is specified")
        if self.all_namespaces and any(named.resource.namespaced for named in found.named):
            raise CommandError("a resource cannot be retrieved by name across all namespaces")

    async def _from_files(self, session: Session, failed: list[Exception]) -> Targets:
        """Give what the files name; what could not be read is added to ``failed``."""
        from protocube_client.cli import targets
        from protocube_client.resource.validation import Validation

        named: list[targets.Named] = []

        async def visit(info: Info | None, error: Exception | None) -> None:
            found = files.object_of(info, error)
            named.append(
                targets.Named(resource=found.mapping, name=found.name, namespace=found.namespace)
            )

        result = files.result(
            self.files, session, validation=Validation.IGNORE, selector=self.selector
        )
        try:
            await result.visit(visit)
        except Exception as error:  # noqa: BLE001  # shown behind what was found
            failed.append(error)
        return targets.Targets(named=tuple(named))

    async def _one(
        self, named: Named, session: Session, failed: list[Exception]
    ) -> list[Printable]:
        from protocube import errors

        from protocube_client.printers.printable import Printable

        resource = named.resource
        namespace = named.namespace or self.namespace(resource, session)
        try:
            message = await session.client.get(
                resource.message_class, named.name, namespace=namespace
            )
        except errors.NotFound as error:
            if not self.ignore_not_found:
                failed.append(error)
            return []
        except errors.ApiError as error:
            failed.append(error)
            return []
        return [Printable(resource=resource, message=message)]

    async def _all(
        self, resource: Resource, session: Session, failed: list[Exception]
    ) -> list[Printable]:
        from protocube import errors

        from protocube_client.printers.printable import Printable

        try:
            listing = await session.client.list(
                resource.message_class,
                namespace=self.namespace(resource, session),
                label_selector=self.selector,
                field_selector=self.field_selector,
            )
        except errors.ApiError as error:
            failed.append(error)
            return []
        return [Printable(resource=resource, message=message) for message in listing]

    def _print(
        self, shown: Sequence[Printable], found: Targets, session: Session, *, failures: int
    ) -> None:
        from protocube_client.cli import output

        if self.is_table:
            self._tables(shown, found, session, failures=failures)
            return
        single = len(found.named) == 1 and not found.kinds
        if single and not shown:
            return
        if failures and not shown and self.output != "name":
            return
        output.printer(self.output, as_list=not single).print(shown, session.streams.out)

    def _tables(
        self, shown: Sequence[Printable], found: Targets, session: Session, *, failures: int
    ) -> None:
        from protocube_client.printers.table_printer import TableOptions, TablePrinter

        streams = session.streams
        groups: dict[str, list[Printable]] = {}
        for item in shown:
            groups.setdefault(item.resource.message, []).append(item)
        options = TableOptions(
            wide=self.output == "wide",
            headers=not self.no_headers,
            namespace=self.all_namespaces,
            kind=len(groups) > 1,
            labels=self.show_labels,
        )
        for number, items in enumerate(groups.values()):
            if number and not self.no_headers:
                streams.out.write("\n")
            TablePrinter(items[0].resource, options).print(items, streams.out)
        if not shown and not failures and not self.ignore_not_found:
            streams.err.write(f"{self._nothing(found, session)}\n")

    def _nothing(self, found: Targets, session: Session) -> str:
        if self.all_namespaces or not all(resource.namespaced for resource in found.kinds):
            return "No resources found"
        return f"No resources found in {session.settings.namespace} namespace."


@click.pass_obj
def _get(
    app: App, /, *, filename: tuple[str, ...], kustomize: str, recursive: bool, **flags: Any
) -> None:
    options = GetOptions(files=files.of(filename, kustomize, recursive=recursive), **flags)
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "get",
    callback=_get,
    usage="(KIND[,KIND] [NAME...] | KIND/NAME... | -f FILE) [flags]",
    help="Show one or many objects: a table of what matters, or the objects themselves.",
    examples="""
# Show the pods of the namespace
cubectl get pods

# Show them with more columns, from all namespaces
cubectl get pods -A -o wide

# Show one object as YAML
cubectl get configmap web -o yaml

# Show objects of several kinds, by label
cubectl get pods,configmaps -l app=web

# Show objects by kind and name
cubectl get pod/web configmap/web

# Follow what happens to the pods
cubectl get pods --watch
""",
    params=[
        *files.flags("show"),
        Switch(["-A", "--all-namespaces"], help="Show the objects of all namespaces."),
        Flag(["-l", "--selector"], default="", metavar="LABELS",
             help="Only objects with these labels, such as app=web,tier!=back."),
        Flag(["--field-selector"], default="", metavar="FIELDS",
             help="Only objects with these fields, such as metadata.name=web."),
        Flag(["-o", "--output"], default="", metavar="FORMAT", help="json, name, wide or yaml."),
        Switch(["--no-headers"], help="Leave the headings out."),
        Switch(["--show-labels"], help="Show all labels in the last column."),
        Switch(["--ignore-not-found"], help="Say nothing of objects that do not exist."),
        Switch(["-w", "--watch"], help="Go on and show what changes."),
        Switch(["--watch-only"], help="Show what changes, not what is there."),
        Switch(["--output-watch-events"], help="Show what happened to each object."),
    ],
)  # fmt: skip
